import { i32, type Processor, processor } from 'millrace';
import { hash, interesting, item, itemCount, work } from '../workloads/w1.ts';
import { BASE, type FlowData } from './round-memory.ts';

let round: Int32Array;
let K = 0;

const w1Processor: Processor<number, number> = processor<number, number>({
  output: i32,
  init({ data }) {
    ({ round, K } = data as FlowData);
  },
  process(sequence, output) {
    const x = hash(sequence - round[BASE]);
    if (!interesting(x)) return;
    const acc = work(x, K);
    const count = itemCount(x);
    for (let j = 0; j < count; j++) output.emit(item(acc, j));
  },
});

export default w1Processor;
