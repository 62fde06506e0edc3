import { hash, interesting, itemCount } from '../workloads/w1.ts';

/** Events and what they cost and emit, as sums over ranges. */
export interface Workload {
  readonly events: number;
  of(begin: number, end: number): Amount;
}

export interface Amount {
  readonly computeUs: number;
  readonly items: number;
  /** Items of one sequence that are shown at once. */
  readonly runs: number;
  /** Of a lane: what the items take, or what as many runs may have, if that is more. */
  readonly bytes: number;
}

/** Output of an event is shown in parts of this size. */
const RUN_BYTES = 16 * 1024;
/** A lane has an entry in its index for so many bytes. */
const LANE_BYTES_PER_RUN = 64;
const ITEM_BYTES = 4;

interface EventAmount {
  readonly computeUs: number;
  readonly items: number;
}

/** A workload whose events repeat after `period`. */
function periodic(events: number, period: number, at: (sequence: number) => EventAmount): Workload {
  const us = new Float64Array(period + 1);
  const items = new Float64Array(period + 1);
  const runs = new Float64Array(period + 1);
  for (let i = 0; i < period; i++) {
    const one = at(i);
    us[i + 1] = us[i] + one.computeUs;
    items[i + 1] = items[i] + one.items;
    runs[i + 1] = runs[i] + Math.ceil((one.items * ITEM_BYTES) / RUN_BYTES);
  }
  const below = (sums: Float64Array, sequence: number): number =>
    Math.floor(sequence / period) * sums[period] + sums[sequence % period];
  return {
    events,
    of(begin, end) {
      const between = (sums: Float64Array): number => below(sums, end) - below(sums, begin);
      const amount = { computeUs: between(us), items: between(items), runs: between(runs) };
      return { ...amount, bytes: Math.max(amount.items * ITEM_BYTES, amount.runs * LANE_BYTES_PER_RUN) };
    },
  };
}

/** W1's events: those of interest cost `workUs`, and each item that they emit `itemUs` more. */
export function w1Workload(events: number, period: number, workUs: number, itemUs: number): Workload {
  return periodic(events, period, (sequence) => {
    const x = hash(sequence);
    if (!interesting(x)) return { computeUs: 0, items: 0 };
    const items = itemCount(x);
    return { computeUs: workUs + items * itemUs, items };
  });
}

/** Events that all cost the same and emit the same. */
export const uniform = (events: number, computeUs: number, items: number): Workload =>
  periodic(events, 1, () => ({ computeUs, items }));
