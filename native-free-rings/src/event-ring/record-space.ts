import type { Words } from '#atomics';
import type { OpenEventRing } from './event-ring-descriptor.ts';

/** Where a record of varying length fits, in a ring of bytes that one producer fills. Positions wrap at 2^32. */
export abstract class RecordSpace {
  /** Bytes of the largest record: half of all, so that a record fits wherever the wrap falls, and no larger one anywhere. */
  readonly maxBytes: number;
  /** After `find`: end of the room that may be filled. */
  end = 0;

  protected readonly words: Words;
  protected readonly index: number;
  protected readonly slots: number;
  protected readonly bytes: number;
  /** Where the bytes begin in the memory of the ring. */
  private readonly base: number;
  /** The next position. */
  protected tail: number;

  constructor(ring: OpenEventRing, base: number, tail: number) {
    this.words = ring.words;
    this.index = ring.index;
    this.slots = ring.capacity;
    this.bytes = ring.dataBytes;
    this.maxBytes = ring.dataBytes >> 1;
    this.base = base;
    this.tail = tail;
  }

  /** Bytes that hold no record while those from `gate` on are kept. All, once everything that was claimed, up to `begin`, is released. */
  abstract freeFrom(gate: number, begin: number): number;

  /** Takes `bytes` at an offset that `find` returned, for record `sequence`. Those below `gate` are not kept any more. */
  abstract take(sequence: number, offset: number, bytes: number, gate: number): void;

  /** Offset in the memory at which a record of `bytes` can begin while the records from `gate` on are kept; -1 when there is no room. */
  find(bytes: number, gate: number, begin: number): number {
    const need = Math.max((bytes + 7) & ~7, 8);
    const free = this.freeFrom(gate, begin);
    const at = this.tail & (this.bytes - 1);
    const toWrap = this.bytes - at;
    if (need <= toWrap) {
      if (free < need) return -1;
      this.end = this.base + at + Math.min(free, toWrap);
      return this.base + at;
    }
    if (free < need + toWrap) return -1;
    this.end = this.base + free - toWrap;
    return this.base;
  }

  /** Moves the tail behind a record. Returns its position. */
  protected pass(offset: number, bytes: number): number {
    const at = this.tail & (this.bytes - 1);
    const skipped = offset - this.base >= at ? 0 : this.bytes - at;
    const position = (this.tail + skipped) | 0;
    this.tail = (position + Math.max((bytes + 7) & ~7, 8)) | 0;
    return position;
  }

  /** Writes down where a record lies, for readers. */
  protected note(sequence: number, where: number, bytes: number): void {
    const entry = this.index + 2 * (sequence & (this.slots - 1));
    this.words[entry] = where;
    this.words[entry + 1] = bytes;
  }
}
