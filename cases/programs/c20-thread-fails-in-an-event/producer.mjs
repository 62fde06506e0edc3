import { workerData } from 'node:worker_threads';
import { attachProducer } from 'millrace';

const { handle, how, name } = workerData;
const producer = attachProducer(handle);
if (name === 'ticks') {
  producer.next().size = 1;
  producer.commit();
  producer.next().size = 99;
} else {
  producer.claim(1);
  producer.items[producer.begin] = 1;
  producer.commit(1);
  producer.claim(3);
  producer.items[producer.begin] = 99;
}
if (how === 'throw') throw new Error('mine');
if (how === 'exit') process.exit(0);
