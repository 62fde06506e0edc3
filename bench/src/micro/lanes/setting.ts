import type { PairProgram } from '../pair.ts';

/** One-way throughput: records of `bytes`, made visible `publishEvery` at a time. */
export interface LaneSetting {
  readonly bytes: number;
  readonly publishEvery: number;
  readonly records: number;
}

/** Side a produces; side b consumes and answers the sum of every word of every record, as a 32-bit integer. */
export type LaneProgram = PairProgram<LaneSetting, undefined, number>;

export const RECORD_BYTES: readonly number[] = [8, 16, 64, 256];
export const PUBLISH_EVERY: readonly number[] = [1, 8, 64, 512];

/** A ring holds this much, whosever ring it is. */
export const RING_BYTES: number = 256 * 1024;

export const wordsOf = ({ bytes }: LaneSetting): number => bytes / Int32Array.BYTES_PER_ELEMENT;

/** Every word of record i is i, so the sum over all of them is known. */
export function expectedSum(setting: LaneSetting): number {
  let sum = 0;
  for (let i = 0; i < setting.records; i++) sum = (sum + Math.imul(i, wordsOf(setting))) | 0;
  return sum;
}
