import { processor } from 'millrace';
import { item, work } from '../workloads/w1.ts';
import { W2_K } from '../workloads/w2.ts';
import { END, END_ITEM, RingEvent, RingItem } from './ring-records.ts';

export default processor({
  input: RingEvent,
  output: RingItem,
  process(event, output) {
    const { seq } = event;
    if (seq === END) output.emit(END_ITEM);
    else output.emit({ seq, value: item(work(event.x, W2_K), 0) });
  },
});
