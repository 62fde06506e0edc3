import type { Words } from '#atomics';
import { type OpenEventRing, VOID_LENGTH } from './event-ring-descriptor.ts';

/**
 * Where a record lies, by sequence. For any thread that knows, by a cursor, that the record is published and retained: it
 * reads plain memory and looks at no cursor itself.
 */
export class RecordLookup {
  private readonly words: Words;
  private readonly mask: number;
  private readonly slotBytes: number;
  private readonly dataMask: number;
  private readonly states: number;
  private readonly index: number;
  private readonly variable: boolean;
  /** False when no record can be void, so that a loop may leave the question out. */
  readonly mayBeVoid: boolean;

  constructor(ring: OpenEventRing) {
    this.words = ring.words;
    this.mask = ring.capacity - 1;
    this.slotBytes = ring.slotBytes;
    this.dataMask = ring.dataBytes - 1;
    this.states = ring.states;
    this.index = ring.index;
    this.variable = ring.dataBytes > 0;
    this.mayBeVoid = ring.shared;
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

  /** True when its producer gave the claim up: pass over it. */
  isVoid(sequence: number): boolean {
    if (!this.mayBeVoid) return false;
    const slot = sequence & this.mask;
    return this.variable
      ? this.words[this.index + 2 * slot + 1] === VOID_LENGTH
      : (this.words[this.states + slot]! & 1) === 1;
  }
}
