import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer } from 'millrace';

const producer = attachProducer(workerData);
parentPort.postMessage('attached');
try {
  for (let n = 0; ; n++) producer.publish(n);
} catch {
  // The flow was stopped.
}
