import { type Batch, i32, type Writer, writer } from 'millrace';
import { fold } from '../workloads/w1.ts';
import { BASE, CHECKSUM, type FlowData, ITEMS } from './round-memory.ts';

let round: Int32Array;

/** Folds item by item, as each sequence's run has them. `base`: the sequence that counts as 0. */
export function folded(batch: Batch<number>, base: number, before: number): number {
  // The compiler knows then that it is an integer, at each item.
  let checksum = before | 0;
  const { runs } = batch;
  for (let run = 0; run < runs; run++) {
    const seq = batch.runSequence(run) - base;
    const end = batch.runEnd(run);
    for (let i = batch.runBegin(run); i < end; i++) checksum = fold(checksum, seq, batch.at(i));
  }
  return checksum;
}

const foldingWriter: Writer<number> = writer<number>({
  input: i32,
  init({ data }) {
    ({ round } = data as FlowData);
  },
  write(batch) {
    round[CHECKSUM] = folded(batch, round[BASE], round[CHECKSUM]);
    round[ITEMS] += batch.length;
  },
});

export default foldingWriter;
