import { i32, type Writer, writer } from 'millrace';
import { fold } from '../workloads/w1.ts';
import { BASE, CHECKSUM, type FlowData, ITEMS } from './round-memory.ts';

let round: Int32Array;

/** Folds item by item, as each sequence's run has them. */
const foldingWriter: Writer<number> = writer<number>({
  input: i32,
  init({ data }) {
    ({ round } = data as FlowData);
  },
  write(batch) {
    const base = round[BASE];
    const { runs, length } = batch;
    let checksum = round[CHECKSUM];
    for (let run = 0; run < runs; run++) {
      const seq = batch.runSequence(run) - base;
      const end = batch.runEnd(run);
      for (let i = batch.runBegin(run); i < end; i++) checksum = fold(checksum, seq, batch.at(i));
    }
    round[CHECKSUM] = checksum;
    round[ITEMS] += length;
  },
});

export default foldingWriter;
