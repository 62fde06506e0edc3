import { writer } from 'millrace';
import { RingItem } from '../millrace/ring-records.ts';
import type { WriterData } from './garbage-writer.ts';
import { HeapWatch } from './heap-watch.ts';
import { watchedFrom, watchedTo } from './setting.ts';

let watch: HeapWatch;
let answer: Int32Array;

/** As `garbage-writer.ts`, over the batch's views. */
export default writer({
  input: RingItem,
  init({ data }) {
    const setting = data as WriterData;
    ({ answer } = setting);
    watch = new HeapWatch(setting.watches, 'writer', watchedFrom(setting), watchedTo(setting));
  },
  write(batch) {
    let sum = answer[0];
    for (const { value } of batch.views()) sum = (sum + value) | 0;
    answer[0] = sum;
    answer[1] += batch.length;
    watch.at(answer[1]);
  },
});
