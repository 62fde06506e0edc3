import { load, store } from '#atomics';
import { DATA_TAIL_WORD, type OpenEventRing } from './event-ring-descriptor.ts';
import { RecordSpace } from './record-space.ts';
import { type VoidRanges, voidRangesOf } from './void-ranges.ts';

/** All the data of a ring of one producer, whose successor finds in the ring where it stands. */
export class DataSpace extends RecordSpace {
  private readonly voids: VoidRanges | undefined;
  /** [passedFrom, passedTo) is skipped: has no place in the data. */
  private passedFrom = 0;
  private passedTo = 0;

  constructor(ring: OpenEventRing) {
    super(ring, 0, load(ring.words, DATA_TAIL_WORD));
    this.voids = voidRangesOf(ring);
  }

  freeFrom(gate: number, begin: number): number {
    const oldest = this.voids === undefined ? gate : this.passSkipped(gate, this.voids);
    const head = oldest < begin ? this.words[this.index + 2 * (oldest & (this.slots - 1))]! : this.tail;
    return this.bytes - ((this.tail - head) | 0);
  }

  take(sequence: number, offset: number, bytes: number): void {
    this.note(sequence, this.pass(offset, bytes), bytes);
  }

  publishTail(): void {
    store(this.words, DATA_TAIL_WORD, this.tail);
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
}
