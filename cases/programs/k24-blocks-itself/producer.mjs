import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

const producer = attachProducer(workerData, i32);
const publishing = producer.publishAll(Array.from({ length: 20 }, (_, i) => i));
await new Promise((resolve) => setTimeout(resolve, 50));
try {
  producer.publish(100);
} catch (error) {
  parentPort.postMessage(error.code);
}
await publishing;
producer.close();
