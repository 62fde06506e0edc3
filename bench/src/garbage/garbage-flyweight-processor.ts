import { processor } from 'millrace';
import { RingEvent, RingItem } from '../millrace/ring-records.ts';
import { HeapWatch } from './heap-watch.ts';
import { type GarbageSetting, watchedFrom, watchedTo } from './setting.ts';

let watch: HeapWatch;

/** As `garbage-processor.ts`, but its item is written into the lane in place. */
export default processor({
  input: RingEvent,
  output: RingItem,
  init({ data }) {
    const setting = data as GarbageSetting;
    watch = new HeapWatch(setting.watches, 'processor', watchedFrom(setting), watchedTo(setting));
  },
  process(event, output) {
    const { seq } = event;
    watch.at(seq);
    const item = output.next();
    item.seq = seq;
    item.value = seq;
  },
});
