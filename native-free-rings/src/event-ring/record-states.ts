import { load, store, type Words } from '#atomics';
import type { OpenEventRing } from './event-ring-descriptor.ts';
import { VoidRanges } from './void-ranges.ts';

/** Which of the claimed sequences of a shared ring are settled: committed, aborted or skipped. */
export class RecordStates {
  private readonly words: Words;
  private readonly states: number;
  private readonly capacity: number;
  private readonly voids: VoidRanges | undefined;

  constructor(ring: OpenEventRing) {
    this.words = ring.words;
    this.states = ring.states;
    this.capacity = ring.capacity;
    this.voids = ring.skips > 0 ? new VoidRanges(ring) : undefined;
  }

  /**
   * With the lock. A slot that was skipped at each lap keeps an old state, which 2^31 sequences later would be taken for that
   * of a new claim. A plain store: nobody looks at the states of what is claimed but with the lock.
   */
  open(begin: number, count: number): void {
    if (this.voids === undefined) return;
    for (let s = begin; s < begin + count; s++) this.words[this.at(s)] = (s - this.capacity) << 1;
  }

  settle(begin: number, end: number, isVoid: boolean): void {
    for (let s = begin; s < end; s++) store(this.words, this.at(s), (s << 1) | (isVoid ? 1 : 0));
  }

  /** With the lock: from `begin` on all sequences below this are settled; `claimed` at most. */
  endFrom(begin: number, claimed: number): number {
    const { words, states, capacity, voids } = this;
    for (let end = begin; ; ) {
      // A state from the lap before cannot be taken for this one: it differs in the bits above the index.
      while (end < claimed && (load(words, states + (end & (capacity - 1))) & ~1) === end << 1) end++;
      const next = end < claimed && voids !== undefined ? voids.endFrom(end) : end;
      if (next === end) return end;
      end = next;
    }
  }

  private at(sequence: number): number {
    return this.states + (sequence & (this.capacity - 1));
  }
}
