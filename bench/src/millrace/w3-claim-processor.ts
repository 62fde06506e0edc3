import { i32, processor } from 'millrace';
import { hash } from '../workloads/w1.ts';
import { item3, itemCount3 } from '../workloads/w3.ts';
import { BASE, type FlowData } from './round-memory.ts';

let round: Int32Array;
let hugeItems = 0;

/** W3 by a plain loop over the lane's typed array. */
export default processor({
  output: i32,
  init({ data }) {
    ({ round, hugeItems } = data as FlowData);
  },
  process(sequence: number, output) {
    const seq = sequence - round[BASE];
    const x = hash(seq);
    const count = itemCount3(seq, hugeItems);
    for (let j = 0; j < count; ) {
      const room = output.claim(count - j);
      const { items, begin } = output;
      for (let k = 0; k < room; k++) items[begin + k] = item3(x, j + k);
      output.commit(room);
      j += room;
    }
  },
});
