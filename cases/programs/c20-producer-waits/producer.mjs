import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer } from 'millrace';

const { handle, how, words } = workerData;
const producer = attachProducer(handle);
const ways = {
  next() {
    producer.next().size = 1;
    producer.commit();
  },
  claim() {
    producer.claim(1);
    producer.commit(1);
  },
  skip() {
    producer.skip(1);
  },
};
try {
  for (let i = 0; i < 100; i++) {
    ways[how]();
    Atomics.add(words, 0, 1);
  }
  producer.close();
  parentPort.postMessage('went on');
} catch ({ code }) {
  parentPort.postMessage(code);
}
