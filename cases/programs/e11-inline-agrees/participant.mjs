import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, attachReader } from 'millrace';

const { kind, handle } = workerData;
if (kind === 'producer') {
  const producer = attachProducer(handle);
  for (let n = 0; n < 1_000; n++) producer.publish(1);
  producer.close();
  parentPort.postMessage('done');
} else {
  let items = 0;
  for (const _ of attachReader(handle)) items++;
  parentPort.postMessage(items);
}
