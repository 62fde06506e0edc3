import type { WatchTable } from './heap-watch.ts';

/** One long run: events before the watched ones, the watched ones, and some after them so that every thread sees the end. */
export interface GarbageSetting {
  readonly warmUp: number;
  readonly events: number;
  readonly after: number;
  readonly watches: WatchTable;
}

export const watchedFrom = ({ warmUp }: GarbageSetting): number => warmUp;
export const watchedTo = ({ warmUp, events }: GarbageSetting): number => warmUp + events;
export const total = ({ warmUp, events, after }: GarbageSetting): number => warmUp + events + after;

/** What the sum over all items has to be: each event emits one item, its own number. */
export function expectedSum(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + i) | 0;
  return sum;
}
