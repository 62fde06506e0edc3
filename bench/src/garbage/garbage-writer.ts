import { type Writer, writer } from 'millrace';
import { RingItem } from '../millrace/ring-records.ts';
import { HeapWatch } from './heap-watch.ts';
import { type GarbageSetting, watchedFrom, watchedTo } from './setting.ts';

/** Sum and count of all items; the main thread reads it when the flow has ended. */
export interface WriterData extends GarbageSetting {
  readonly answer: Int32Array<SharedArrayBuffer>;
}

interface Item {
  readonly seq: number;
  readonly value: number;
}

let watch: HeapWatch;
let answer: Int32Array;

const garbageWriter: Writer<Item> = writer<Item>({
  input: RingItem,
  init({ data }) {
    const setting = data as WriterData;
    ({ answer } = setting);
    watch = new HeapWatch(setting.watches, 'writer', watchedFrom(setting), watchedTo(setting));
  },
  write(batch) {
    let sum = answer[0];
    for (let i = 0; i < batch.length; i++) sum = (sum + batch.at(i).value) | 0;
    answer[0] = sum;
    answer[1] += batch.length;
    watch.at(answer[1]);
  },
});

export default garbageWriter;
