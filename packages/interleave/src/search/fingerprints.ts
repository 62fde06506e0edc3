import { type Footprint, isWrite, placeOf } from '../machine/footprint.ts';
import type { Machine } from '../machine/machine.ts';

/**
 * Names states so that two executions get the same name if they differ only in the order of independent steps. Such
 * executions agree in everything: memory, what every thread saw, who sleeps, what happened before what.
 *
 * A step is hashed with the thread's step before it and, per place that it touches, the last write to it; a write also
 * with the reads since then, in any order. A state is the last step of every thread. Hashes are 64 bits wide: with ten
 * million states the chance that any two of them share one is about 3 in a million.
 */
export class Fingerprints {
  /** The name that `name` gave. */
  high = 0;
  low = 0;
  private readonly machine: Machine;
  private readonly steps: TwoWords;
  private readonly writes: TwoWords;
  private readonly reads: TwoWords;

  constructor(machine: Machine) {
    this.machine = machine;
    const places = machine.memory.size * 2;
    this.steps = twoWords(machine.names.length);
    this.writes = twoWords(places);
    this.reads = twoWords(places);
  }

  add(thread: number, variant: number, footprint: Footprint): void {
    const { steps, writes, reads, machine } = this;
    let high = mix(steps.high[thread] ^ (thread + 1), variant + 17);
    let low = mix(steps.low[thread] ^ (variant + 1), thread + 31);
    for (const touch of footprint.touches) {
      const place = placeOf(touch);
      high = mix(high ^ writes.high[place], touch);
      low = mix(low ^ writes.low[place], touch + 7);
      if (!isWrite(touch)) continue;
      high = mix(high ^ reads.high[place], 3);
      low = mix(low ^ reads.low[place], 5);
    }
    const { journal } = machine;
    for (const touch of footprint.touches) {
      const place = placeOf(touch);
      if (isWrite(touch)) {
        set(journal, writes, place, high, low);
        set(journal, reads, place, 0, 0);
      } else {
        set(journal, reads, place, reads.high[place] + high, reads.low[place] + low);
      }
    }
    set(journal, steps, thread, high, low);
  }

  /** Names the present state, together with `tag`, in `high` and `low`. */
  name(tag: number): void {
    const { steps } = this;
    let high = tag;
    let low = ~tag;
    for (let thread = 0; thread < steps.high.length; thread++) {
      high = mix(high ^ steps.high[thread], 11);
      low = mix(low ^ steps.low[thread], 13);
    }
    this.high = high;
    this.low = low;
  }
}

interface TwoWords {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

const twoWords = (length: number): TwoWords => ({ high: new Int32Array(length), low: new Int32Array(length) });

function set(journal: Machine['journal'], words: TwoWords, at: number, high: number, low: number): void {
  journal.setWord(words.high, at, high | 0);
  journal.setWord(words.low, at, low | 0);
}

/** The finaliser of MurmurHash3, keyed. */
function mix(value: number, key: number): number {
  let mixed = value ^ Math.imul(key, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
