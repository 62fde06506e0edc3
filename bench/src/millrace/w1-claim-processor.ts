import { i32, processor } from 'millrace';
import { hash, interesting, item, itemCount, work } from '../workloads/w1.ts';
import { BASE, type FlowData } from './round-memory.ts';

let round: Int32Array;
let K = 0;

/** W1 by a plain loop over the lane's typed array. */
export default processor({
  output: i32,
  init({ data }) {
    ({ round, K } = data as FlowData);
  },
  process(sequence: number, output) {
    const x = hash(sequence - round[BASE]);
    if (!interesting(x)) return;
    const acc = work(x, K);
    const count = itemCount(x);
    for (let j = 0; j < count; ) {
      const room = output.claim(count - j);
      const { items, begin } = output;
      for (let k = 0; k < room; k++) items[begin + k] = item(acc, j + k);
      output.commit(room);
      j += room;
    }
  },
});
