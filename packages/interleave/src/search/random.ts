import { Variant } from '../machine/variants.ts';
import type { Choice, Exploration } from './exploration.ts';

/** Small fast generator with a seed (mulberry32). Returns [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Chooses the thread of each step of one sample. */
export interface Picker {
  /** A new sample begins. */
  begin(): void;
  /** One of the enabled threads, given as bits. */
  pick(enabled: number, position: number): number;
}

/** Any thread that can go on, with equal chance. */
export function evenly(random: () => number): Picker {
  return {
    begin: () => {},
    pick(enabled) {
      const threads = bits(enabled);
      return threads[Math.floor(random() * threads.length)];
    },
  };
}

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010): the thread with the highest
 * priority runs; `depth` - 1 times, at random steps, it falls below all others. Finds a bug that takes `depth` ordering
 * decisions among n threads and k steps with a chance of at least 1 / (n × k^(depth-1)) per sample.
 */
export function byPriority(random: () => number, threads: number, depth: number): Picker {
  const priorities: number[] = [];
  const changes = new Set<number>();
  /** Longest sample so far, as the guess of k. */
  let length = 16;
  return {
    begin() {
      for (let thread = 0; thread < threads; thread++) priorities[thread] = depth + random();
      changes.clear();
      for (let change = 1; change < depth; change++) changes.add(Math.floor(random() * length));
    },
    pick(enabled, position) {
      length = Math.max(length, position + 1);
      const highest = () =>
        bits(enabled).reduce((best, thread) => (priorities[thread] > priorities[best] ? thread : best));
      if (changes.has(position)) priorities[highest()] = -position;
      return highest();
    },
  };
}

function bits(threads: number): number[] {
  const list: number[] = [];
  for (let thread = 0; threads >> thread !== 0; thread++) if (((threads >> thread) & 1) === 1) list.push(thread);
  return list;
}

/** A thread dies, or a sleep meets a fate, in about one of so many steps. */
const RARELY = 16;

/** Runs a number of executions with choices by chance. The same seed gives the same executions. */
export class Samples {
  private readonly exploration: Exploration;
  private readonly picker: Picker;
  private readonly random: () => number;
  private readonly taken: Choice[] = [];

  constructor(exploration: Exploration, random: () => number, picker: Picker) {
    this.exploration = exploration;
    this.random = random;
    this.picker = picker;
  }

  schedule(): Choice[] {
    return this.taken;
  }

  async run(): Promise<void> {
    const { exploration, picker, taken } = this;
    const { machine } = exploration;
    const start = machine.mark();
    for (let sample = 0; sample < machine.settings.samples && !exploration.failed; sample++) {
      machine.rollback(start);
      taken.length = 0;
      picker.begin();
      for (let enabled = exploration.enabled(); enabled !== 0 && !exploration.failed; enabled = exploration.enabled()) {
        const thread = picker.pick(enabled, machine.position);
        const variant = this.variant(machine.variants(thread));
        taken.push({ thread, variant });
        const pending = exploration.step(thread, variant);
        if (pending !== undefined) await pending;
      }
      if (!exploration.failed) exploration.end();
    }
  }

  private variant(variants: readonly number[]): number {
    if (variants.length === 1) return variants[0];
    const chosen = variants[Math.floor(this.random() * variants.length)];
    const isFate = chosen === Variant.dies || chosen === Variant.diesAsleep || chosen === Variant.spurious;
    return isFate && this.random() * RARELY >= 1 ? variants[0] : chosen;
  }
}
