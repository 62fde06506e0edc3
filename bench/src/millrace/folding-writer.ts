import { i32, type Writer, writer } from 'millrace';
import { fold } from '../workloads/w1.ts';
import { BASE, CHECKSUM, type FlowData, ITEMS } from './round-memory.ts';

let round: Int32Array;

const foldingWriter: Writer<number> = writer<number>({
  input: i32,
  init({ data }) {
    ({ round } = data as FlowData);
  },
  write(batch) {
    const seq = batch.sequence - round[BASE];
    let checksum = round[CHECKSUM];
    const { length } = batch;
    for (let i = 0; i < length; i++) checksum = fold(checksum, seq, batch.at(i));
    round[CHECKSUM] = checksum;
    round[ITEMS] += length;
  },
});

export default foldingWriter;
