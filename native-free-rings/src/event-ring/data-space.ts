import { load, store, type Words } from '#atomics';
import { DATA_TAIL_WORD, type OpenEventRing } from './event-ring-descriptor.ts';
import { type VoidRanges, voidRangesOf } from './void-ranges.ts';

/**
 * The data of a ring of one producer with records of varying length: a ring of bytes beside the index by sequence. Positions
 * wrap at 2^32. Used by that producer only.
 */
export class DataSpace {
  /** Bytes of the largest record: half the data, so that a record fits wherever the wrap falls, and no larger one anywhere. */
  readonly maxBytes: number;
  /** After `find`: end of the room that may be filled. */
  end = 0;

  private readonly words: Words;
  private readonly index: number;
  private readonly slots: number;
  private readonly bytes: number;
  private readonly voids: VoidRanges | undefined;
  private tail: number;
  /** [passedFrom, passedTo) is skipped: has no place in the data. */
  private passedFrom = 0;
  private passedTo = 0;

  constructor(ring: OpenEventRing) {
    this.words = ring.words;
    this.index = ring.index;
    this.slots = ring.capacity;
    this.bytes = ring.dataBytes;
    this.maxBytes = ring.dataBytes >> 1;
    this.voids = voidRangesOf(ring);
    this.tail = load(this.words, DATA_TAIL_WORD);
  }

  /** Offset at which a record of `bytes` can begin while the records from `gate` on are kept; -1 when there is no room. */
  find(bytes: number, gate: number, begin: number): number {
    const need = Math.max((bytes + 7) & ~7, 8);
    const free = this.freeFrom(gate, begin);
    const at = this.tail & (this.bytes - 1);
    const toWrap = this.bytes - at;
    if (need <= toWrap) {
      if (free < need) return -1;
      this.end = at + Math.min(free, toWrap);
      return at;
    }
    if (free < need + toWrap) return -1;
    this.end = free - toWrap;
    return 0;
  }

  /** Bytes that hold no record while the records from `gate` on are kept. All, once everything that was claimed is released. */
  freeFrom(gate: number, begin: number): number {
    const oldest = this.voids === undefined ? gate : this.passSkipped(gate, this.voids);
    const head = oldest < begin ? this.words[this.index + 2 * (oldest & (this.slots - 1))]! : this.tail;
    return this.bytes - ((this.tail - head) | 0);
  }

  /** The first sequence from the gate on that was not skipped. Ranges that lie side by side are passed once, not at each call. */
  private passSkipped(gate: number, voids: VoidRanges): number {
    if (gate < this.passedFrom || gate > this.passedTo) {
      this.passedFrom = gate;
      this.passedTo = gate;
    }
    this.passedTo = voids.endFrom(this.passedTo);
    return this.passedTo;
  }

  /** Takes `bytes` at an offset that `find` returned, for record `sequence`. */
  take(sequence: number, offset: number, bytes: number): void {
    const at = this.tail & (this.bytes - 1);
    const skipped = offset >= at ? 0 : this.bytes - at;
    const position = (this.tail + skipped) | 0;
    const entry = this.index + 2 * (sequence & (this.slots - 1));
    this.words[entry] = position;
    this.words[entry + 1] = bytes;
    this.tail = (position + Math.max((bytes + 7) & ~7, 8)) | 0;
  }

  publishTail(): void {
    store(this.words, DATA_TAIL_WORD, this.tail);
  }
}
