/** The fold of W1 over a block of many runs, as the user of a bound would write it. */
import { type Answer, fold } from '../workloads/w1.ts';
import type { BoundBatch } from './writer-thread.ts';

let checksum = 0;
let total = 0;

export function reset(): void {
  checksum = 0;
  total = 0;
}

export const answer = (): Answer => ({ checksum: checksum >>> 0, items: total });

export function write(batch: BoundBatch): void {
  const { items, runs } = batch;
  let sum = checksum;
  let i = batch.begin;
  for (let run = 0; run < runs; run++) {
    const seq = batch.sequenceAt(run);
    const end = i + batch.lengthAt(run);
    for (; i < end; i++) sum = fold(sum, seq, items[i]);
  }
  checksum = sum;
  total += batch.length;
}
