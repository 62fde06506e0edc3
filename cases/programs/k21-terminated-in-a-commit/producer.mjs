import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

const { handle, gate } = workerData;
const producer = attachProducer(handle, i32);
const room = producer.claim(2 ** 20);
for (let i = 0; i < room; i++) producer.items[producer.begin + i] = i;
parentPort.postMessage('filled');
Atomics.wait(gate, 0, 0);
producer.commit(room);
parentPort.on('message', () => {});
