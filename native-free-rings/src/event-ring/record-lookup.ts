import type { Words } from '#atomics';
import type { OpenEventRing } from './event-ring-descriptor.ts';
import { type VoidRanges, voidRangesOf } from './void-ranges.ts';

/**
 * Where a record lies, by sequence. For any thread that knows, by a cursor, that the record is published and retained: this
 * looks at no cursor itself.
 */
export class RecordLookup {
  private readonly words: Words;
  private readonly mask: number;
  private readonly slotBytes: number;
  private readonly dataMask: number;
  private readonly states: number;
  private readonly index: number;
  private readonly variable: boolean;
  private readonly shared: boolean;
  private readonly voids: VoidRanges | undefined;

  constructor(ring: OpenEventRing) {
    this.words = ring.words;
    this.mask = ring.capacity - 1;
    this.slotBytes = ring.slotBytes;
    this.dataMask = ring.totalDataBytes - 1;
    this.states = ring.states;
    this.index = ring.index;
    this.variable = ring.dataBytes > 0;
    this.shared = ring.shared;
    this.voids = voidRangesOf(ring);
  }

  /** Byte offset of the record in the ring's memory. */
  offsetOf(sequence: number): number {
    const slot = sequence & this.mask;
    return this.variable ? this.words[this.index + 2 * slot]! & this.dataMask : slot * this.slotBytes;
  }

  /** Length of the record in bytes. */
  lengthOf(sequence: number): number {
    return this.variable ? this.words[this.index + 2 * (sequence & this.mask) + 1]! : this.slotBytes;
  }

  /**
   * False when none of the records that are published by now can be void, so that a loop over them may leave the question
   * out. Ask again for later ones.
   */
  get mayBeVoid(): boolean {
    return this.shared || this.voids?.hasAny() === true;
  }

  /** True when its producer skipped it, or gave the claim up: pass over it. */
  isVoid(sequence: number): boolean {
    return this.voids?.covers(sequence) === true || (this.shared && this.isGivenUp(sequence));
  }

  /** The first void sequence from this one on, or `end`. All below `end` is published. */
  nextVoid(sequence: number, end: number): number {
    const stop = this.voids === undefined ? end : this.voids.nextFrom(sequence, end);
    if (!this.shared) return stop;
    let next = sequence;
    while (next < stop && !this.isGivenUp(next)) next++;
    return next;
  }

  /** The first sequence from this one on that is not void, or `end`. All below `end` is published. */
  nextRecord(sequence: number, end: number): number {
    if (this.voids !== undefined) return Math.min(this.voids.endFrom(sequence), end);
    let next = sequence;
    if (this.shared) while (next < end && this.isGivenUp(next)) next++;
    return next;
  }

  private isGivenUp(sequence: number): boolean {
    return (this.words[this.states + (sequence & this.mask)]! & 1) === 1;
  }
}
