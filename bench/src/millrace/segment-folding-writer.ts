import { i32, writer } from 'millrace';
import { fold } from '../workloads/w1.ts';
import { BASE, CHECKSUM, type FlowData, ITEMS } from './round-memory.ts';

let round: Int32Array;

/** Folds by a plain loop over the typed array of each segment. */
export default writer({
  input: i32,
  init({ data }) {
    ({ round } = data as FlowData);
  },
  write(batch) {
    const base = round[BASE];
    let checksum = round[CHECKSUM];
    for (const segment of batch.segments) {
      const { items, firstRun } = segment;
      // From an index of the batch to one of the array.
      const shift = segment.begin - segment.firstItem;
      for (let run = firstRun; run < firstRun + segment.runs; run++) {
        const seq = batch.runSequence(run) - base;
        const end = batch.runEnd(run) + shift;
        for (let i = batch.runBegin(run) + shift; i < end; i++) checksum = fold(checksum, seq, items[i]);
      }
    }
    round[CHECKSUM] = checksum;
    round[ITEMS] += batch.length;
  },
});
