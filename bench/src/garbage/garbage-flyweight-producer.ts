/** Producing thread of `garbage-child.ts`: each event is written into the ring in place. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { RingEvent } from '../millrace/ring-records.ts';
import { HeapWatch } from './heap-watch.ts';
import { type GarbageSetting, total, watchedFrom, watchedTo } from './setting.ts';

const { handle, setting } = workerData as { handle: ProducerHandle; setting: GarbageSetting };
const producer = attachProducer(handle, RingEvent);

parentPort!.once('message', () => {
  const watch = new HeapWatch(setting.watches, 'producer', watchedFrom(setting), watchedTo(setting));
  const count = total(setting);
  for (let seq = 0; seq < count; seq++) {
    watch.at(seq);
    const event = producer.next();
    event.seq = seq;
    producer.commit();
  }
  parentPort!.postMessage('done');
});
parentPort!.postMessage('ready');
