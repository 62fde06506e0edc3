import { processor } from 'millrace';
import { interesting, item, itemCount, work } from '../workloads/w1.ts';
import { END, RingEvent, RingItem } from './ring-records.ts';

let K = 0;

/** As `form-b-processor.ts`, but its items are written into the lane in place. */
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
      output.next().seq = END;
      return;
    }
    const acc = work(event.x, K);
    const count = itemCount(event.x);
    for (let j = 0; j < count; j++) {
      const next = output.next();
      next.seq = seq;
      next.value = item(acc, j);
    }
  },
});
