import { processor } from 'millrace';
import { interesting, item, itemCount, work } from '../workloads/w1.ts';
import { END, END_ITEM, RingEvent, RingItem } from './ring-records.ts';

let K = 0;

export default processor({
  input: RingEvent,
  output: RingItem,
  init({ data }) {
    ({ K } = data as { K: number });
  },
  interested: (event) => interesting(event.x),
  process(event, output) {
    const { seq } = event;
    if (seq === END) {
      output.emit(END_ITEM);
      return;
    }
    const acc = work(event.x, K);
    const count = itemCount(event.x);
    for (let j = 0; j < count; j++) output.emit({ seq, value: item(acc, j) });
  },
});
