import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

attachProducer(workerData, i32).claim(3);
parentPort.on('message', () => {});
parentPort.postMessage('open');
