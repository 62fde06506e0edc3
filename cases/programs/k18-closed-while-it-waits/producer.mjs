import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

const first = attachProducer(workerData, i32);
const publishing = first.publishAll(Array.from({ length: 20 }, (_, i) => i)).catch((error) => error.code);
await new Promise((resolve) => setTimeout(resolve, 50));
first.close();
const second = attachProducer(workerData, i32);
parentPort.postMessage(await publishing);
second.publish(100);
