import { extend, type LaneConsumer } from 'native-free-rings';
import type { WriterNote } from '../thread/checkpoints.ts';
import { MillraceError } from '../thread/errors.ts';
import { GIVEN_UP, RECORD } from '../thread/lane-layout.ts';
import type { LaneBatch } from './batch.ts';
import type { Progress } from './definition.ts';

/** How far the destination has come, and what the lane that is being read shows of it. */
export class Place implements Progress {
  /** Everything below is delivered, and `items` items of it. */
  sequence: number;
  items: number;
  /** The lane shows again what was delivered before, or nothing of use: a thread has begun anew. */
  isReplaying: boolean;
  /** While that is so: which item of `sequence` comes next in the lane, or below 0: see WriterNote. At all other times it is `items`. */
  private replayed: number;
  /** Index within its sequence of the first item of the record in hand. */
  private recordFirst = 0;

  constructor({ sequence, items, laneItems }: Pick<WriterNote, 'sequence' | 'items' | 'laneItems'>) {
    this.sequence = sequence;
    this.items = items;
    this.replayed = laneItems;
    this.isReplaying = laneItems !== items;
  }

  /** Which item of `sequence` comes next in the lane, or below 0: see WriterNote; with a record in hand, its first. */
  laneItems(inHand: boolean): number {
    if (inHand) return this.recordFirst;
    return this.isReplaying ? this.replayed : this.items;
  }

  /** The loop over the records has come so far: everything below `sequence`, and `items` items of it, the next in hand maybe. */
  moveTo(sequence: number, items: number): void {
    this.sequence = sequence;
    this.items = items;
    this.recordFirst = items;
  }

  /** The destination has all of the batch. */
  delivered(batch: LaneBatch): void {
    if (batch.last) {
      this.sequence = batch.sequence + 1;
      this.items = 0;
    } else this.items = batch.first + batch.length;
  }

  isDropping(): boolean {
    return this.isReplaying && this.replayed < 0;
  }

  /** What follows in the lane is of no use, up to the rewind to `sequence` that answers recall `recall`, from 1 on. */
  drop(recall: number): void {
    this.isReplaying = true;
    this.replayed = -recall;
  }

  /** Sets the batch to the current record, whose first item is item `first` where it is of `this.sequence`. */
  private set(lane: LaneConsumer, batch: LaneBatch, first: number): void {
    const sequence = extend(this.sequence, lane.sequence);
    if (sequence !== this.sequence) {
      this.sequence = sequence;
      this.items = 0;
    }
    batch.sequence = sequence;
    batch.first = this.items === 0 ? 0 : first;
    batch.offset = lane.offset;
    batch.bytes = lane.length;
    batch.length = lane.count;
    batch.last = lane.flags === RECORD.last;
    this.recordFirst = batch.first;
  }

  /**
   * Takes up a mark, or items that may have been delivered before. True when the batch was set to something new, false when
   * there is nothing to deliver.
   */
  takeRare(lane: LaneConsumer, batch: LaneBatch): boolean {
    const sequence = extend(this.sequence, lane.sequence);
    // There may be rewinds in front of the one that answers: of threads that began before the recall.
    if (this.isDropping() && (lane.flags !== RECORD.rewind || lane.count !== -this.replayed)) return false;
    const isGivenUp = lane.flags === RECORD.progress && lane.count === GIVEN_UP && sequence === this.sequence + 1;
    if (sequence !== this.sequence && !isGivenUp) this.expectAllSeen();
    if (lane.flags >= RECORD.progress) {
      if (sequence !== this.sequence) this.items = 0;
      this.sequence = sequence;
      this.replayed = 0;
      this.isReplaying = this.items > 0;
      return false;
    }
    const items = lane.count;
    const first = this.replayed;
    const delivered = sequence === this.sequence ? this.items - first : 0;
    this.replayed += items;
    if (delivered < items) {
      this.isReplaying = false;
      this.set(lane, batch, first);
      if (delivered > 0) batch.skip(delivered);
      return true;
    }
    if (lane.flags === RECORD.last) {
      this.expectAllSeen();
      this.sequence++;
      this.items = 0;
      this.isReplaying = false;
    }
    return false;
  }

  /** The lane shows that no more items of `this.sequence` come: each that was delivered has to have come again. */
  private expectAllSeen(): void {
    const seen = Math.max(this.replayed, 0);
    if (!this.isReplaying || seen >= this.items) return;
    throw new MillraceError(
      'PROCESSOR_FAILED',
      `sequence ${this.sequence} had ${this.items} items or more when it was computed first, and ${seen} when it was ` +
        'computed again: a processor has to make the same items of the same event',
      { sequence: this.sequence, thread: 'writer' },
    );
  }
}
