import { workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

const { handle, words } = workerData;
Atomics.store(words, 0, 1);
const producer = attachProducer(handle, i32);
Atomics.store(words, 0, 2);
Atomics.wait(words, 0, 2);
producer.close();
