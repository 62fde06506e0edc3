/** The computation, for the processors and for the oracle: which items an event has depends on its sequence alone. */
import { mix } from './random.ts';

/** How much an event costs, and how many items it has. */
export interface Work {
  readonly seed: number;
  /** Rounds of computing for each event. */
  readonly rounds: number;
  /** Of a thousand events so many have no item, one item, and a large number of them; all others have a few. */
  readonly none: number;
  readonly one: number;
  readonly large: number;
  /** A large output has so many items, up to twice as many. */
  readonly largeItems: number;
}

/** What an event holds. */
export const eventOf = (work: Work, sequence: number): number => mix(work.seed, sequence);

export function itemsOf(work: Work, event: number): number {
  const dice = event % 1000;
  if (dice < work.none) return 0;
  if (dice < work.none + work.one) return 1;
  if (dice >= 1000 - work.large) return work.largeItems + (mix(event, 1) % work.largeItems);
  return 2 + (mix(event, 2) % 7);
}

/** Computes: the number of which all items of the event are made. */
export function compute(work: Work, event: number): number {
  let x = event;
  for (let round = 0; round < work.rounds; round++) x = Math.imul(x ^ (x >>> 13), 0x5bd1e995) + round;
  return x >>> 0;
}

/** What makes item `index` differ from all others. */
export const markOf = (computed: number, index: number): number => mix(computed, index);
