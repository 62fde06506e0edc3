/**
 * W2: latency under an open-loop load. Events arrive on a fixed schedule, each with K = 200 and exactly one item. The latency of
 * an event runs from its *scheduled* arrival to the moment when a reader of the destination holds its item, so a stall counts
 * for every event that it delays (no coordinated omission).
 */
import { type Answer, fold, hash, item, work } from './w1.ts';

export const W2_K = 200;
export const W2_RATES: readonly number[] = [5_000, 50_000, 200_000];

/** The one item of event `seq`. */
export const onlyItem = (seq: number, K: number): number => item(work(hash(seq), K), 0);

export function sequential2(events: number, K: number = W2_K): Answer {
  let checksum = 0;
  for (let seq = 0; seq < events; seq++) checksum = fold(checksum, seq, onlyItem(seq, K));
  return { checksum: checksum >>> 0, items: events };
}

/** Event `seq` is due at `startUs + seq * 1e6 / rate`, in microseconds of the clock that all threads share. */
export interface Schedule {
  readonly rate: number;
  readonly events: number;
  readonly startUs: number;
}

export const dueAtUs = (schedule: Schedule, seq: number): number => schedule.startUs + (seq * 1e6) / schedule.rate;

/** How many events are due at `nowUs`: every sequence below it has arrived. */
export function dueCount(schedule: Schedule, nowUs: number): number {
  if (nowUs < schedule.startUs) return 0;
  return Math.min(schedule.events, Math.floor(((nowUs - schedule.startUs) * schedule.rate) / 1e6) + 1);
}
