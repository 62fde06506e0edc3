export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of no value');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Fresh threads have compiled nothing yet, so three states are told apart: the first round on them, rounds 2 to 4, and the
 * steady state from round 8 on. Rounds 5 to 7 belong to none: there the compiler may still be at work.
 */
export type Phase = 'first' | 'early' | 'steady';

export const PHASES: readonly Phase[] = ['first', 'early', 'steady'];

const STEADY_FROM_ROUND = 8;

/** The phase of a round; rounds are counted from 1. */
export function phaseOf(round: number): Phase | undefined {
  if (round === 1) return 'first';
  if (round <= 4) return 'early';
  return round >= STEADY_FROM_ROUND ? 'steady' : undefined;
}
