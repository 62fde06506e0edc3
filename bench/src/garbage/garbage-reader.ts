/** Reading thread of `garbage-child.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachReader, type ReaderHandle } from 'millrace';
import { HeapWatch } from './heap-watch.ts';
import { type GarbageSetting, total, watchedFrom, watchedTo } from './setting.ts';

const { handle, setting } = workerData as { handle: ReaderHandle; setting: GarbageSetting };
const batches = attachReader<{ seq: number; value: number }>(handle).batches();

parentPort!.once('message', () => {
  const watch = new HeapWatch(setting.watches, 'reader', watchedFrom(setting), watchedTo(setting));
  const count = total(setting);
  let sum = 0;
  let items = 0;
  while (items < count) {
    const { value: batch, done } = batches.next();
    if (done) throw new Error('the flow ended before its last item');
    for (let i = 0; i < batch.length; i++) {
      sum = (sum + batch.at(i).value) | 0;
      // For each item: a batch may be longer than the part that is watched.
      watch.at(++items);
    }
  }
  parentPort!.postMessage({ sum, items });
});
parentPort!.postMessage('ready');
