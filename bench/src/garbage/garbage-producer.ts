/** Producing thread of `garbage-child.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { HeapWatch } from './heap-watch.ts';
import { type GarbageSetting, total, watchedFrom, watchedTo } from './setting.ts';

const { handle, setting } = workerData as { handle: ProducerHandle; setting: GarbageSetting };
const producer = attachProducer<{ seq: number; x: number }>(handle);

parentPort!.once('message', () => {
  const watch = new HeapWatch(setting.watches, 'producer', watchedFrom(setting), watchedTo(setting));
  const count = total(setting);
  const event = { seq: 0, x: 0 };
  for (; event.seq < count; event.seq++) {
    watch.at(event.seq);
    producer.publish(event);
  }
  parentPort!.postMessage('done');
});
parentPort!.postMessage('ready');
