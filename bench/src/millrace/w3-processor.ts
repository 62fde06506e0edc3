import { i32, type Processor, processor } from 'millrace';
import { hash } from '../workloads/w1.ts';
import { item3, itemCount3 } from '../workloads/w3.ts';
import { BASE, type FlowData } from './round-memory.ts';

let round: Int32Array;
let hugeItems = 0;

const w3Processor: Processor<number, number> = processor<number, number>({
  output: i32,
  init({ data }) {
    ({ round, hugeItems } = data as FlowData);
  },
  process(sequence, output) {
    const seq = sequence - round[BASE];
    const x = hash(seq);
    const count = itemCount3(seq, hugeItems);
    for (let j = 0; j < count; j++) output.emit(item3(x, j));
  },
});

export default w3Processor;
