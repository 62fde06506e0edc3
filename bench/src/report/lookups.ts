/** Figures of results by what they mean: for the targets and for the tables that compare. */
import { cpuName } from '../harness/cases.ts';
import { isJava, standingOf } from '../harness/standing.ts';
import type { Phase } from '../harness/statistics.ts';
import type { Results } from './results.ts';

export const ratioOf = (results: Results, name: string): number | undefined => results.find(name)?.ratioToLoop;
export const medianOf = (results: Results, name: string): number | undefined => results.find(name)?.median;

export function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

export function best(
  values: readonly (number | undefined)[],
  pick: (...values: number[]) => number,
): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : pick(...known);
}

export function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0);
}

/** Times the plain loop, of a contender of W1 in form A. */
export const w1Speed = (results: Results, K: number, name: string, phase: Phase = 'steady'): number | undefined =>
  ratioOf(results, `w1/A/K=${K}/${name}/${phase}`);

/** Times the plain loop's processor time, in the steady state. */
export const w1Cpu = (results: Results, K: number, name: string): number | undefined =>
  ratioOf(results, `w1/A/K=${K}/${name}/${cpuName('steady')}`);

/** Steady speed of the fastest rival that runs in Node; a bound is none. */
export function bestNodeRival(results: Results, K: number): { name: string; speed: number } | undefined {
  const rivals = results
    .under('w1', 'A', `K=${K}`)
    .filter(({ rest }) => rest[1] === 'steady' && standingOf(rest[0]) === 'rival' && !isJava(rest[0]))
    .flatMap(({ rest, one }) => (one.ratioToLoop === undefined ? [] : [{ name: rest[0], speed: one.ratioToLoop }]));
  return rivals.toSorted((a, b) => b.speed - a.speed)[0];
}

/** Half of the distance from the slowest round to the fastest, against the median. */
export function halfSpread(results: Results, name: string): number | undefined {
  const one = results.find(name);
  return one && (one.max - one.min) / (2 * one.median);
}
