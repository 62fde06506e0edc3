import { i32, type Processor, processor } from 'millrace';
import { BASE, type FlowData } from '../millrace/round-memory.ts';
import { hash, item, work } from '../workloads/w1.ts';
import { W2_K } from '../workloads/w2.ts';

let round: Int32Array;

/** W2's event of each bare sequence. */
const w2Processor: Processor<number, number> = processor<number, number>({
  output: i32,
  init({ data }) {
    ({ round } = data as FlowData);
  },
  process(sequence, output) {
    output.emit(item(work(hash(sequence - round[BASE]), W2_K), 0));
  },
});

export default w2Processor;
