import { extend, type LaneConsumer, small } from 'native-free-rings';
import type { WriterNote } from '../thread/checkpoints.ts';
import { MillraceError } from '../thread/errors.ts';
import { GIVEN_UP, RECORD } from '../thread/lane-layout.ts';
import type { Progress } from './definition.ts';
import { type LaneBatch, newPiece, type Piece } from './lane-batch.ts';

/** How far the writer has read: what it has handed over, whether or not the destination has it. */
export class Reading {
  /** Everything below was handed over, and `items` items of it. */
  sequence: number;
  items: number;
  /** The lane shows again what was handed over before, or nothing of use: a thread has begun anew. */
  isReplaying: boolean;
  /** While that is so: which item of `sequence` comes next in the lane, or below 0: see WriterNote. At all other times it is `items`. */
  private replayed: number;
  /** So many items of the record that comes next were handed over: a batch was cut. */
  skipped = 0;
  private readonly piece: Piece = newPiece();

  constructor({ sequence, items, laneItems }: Pick<WriterNote, 'sequence' | 'items' | 'laneItems'>) {
    this.sequence = small(sequence);
    this.items = items;
    this.replayed = laneItems;
    this.isReplaying = laneItems !== items;
  }

  /** Which item of `sequence` comes next in the lane, or below 0: see WriterNote. */
  get laneItems(): number {
    return this.isReplaying ? this.replayed : this.items - this.skipped;
  }

  moveTo(sequence: number, items: number): void {
    this.sequence = small(sequence);
    this.items = items;
  }

  /** Goes back to an item that has `skipped` others before it in its record, which comes next in the lane. */
  backTo(sequence: number, items: number, skipped: number): void {
    this.moveTo(sequence, items);
    this.skipped = skipped;
  }

  isDropping(): boolean {
    return this.isReplaying && this.replayed < 0;
  }

  /** Goes back to `place`. What follows in the lane is of no use, up to the rewind that answers recall `recall`, from 1 on. */
  drop(recall: number, { sequence, items }: Progress): void {
    this.backTo(sequence, items, 0);
    this.isReplaying = true;
    this.replayed = -recall;
  }

  /**
   * Takes up the lane's current record: a mark, or items that may have been handed over before. True when the batch got something
   * new, false when there is nothing to hand over.
   */
  takeRare(consumer: LaneConsumer, lane: number, batch: LaneBatch): boolean {
    const sequence = small(extend(this.sequence, consumer.sequence));
    const { flags, count } = consumer;
    // There may be rewinds in front of the one that answers: of threads that began before the recall.
    if (this.isDropping() && (flags !== RECORD.rewind || count !== -this.replayed)) return false;
    const isGivenUp = flags === RECORD.progress && count === GIVEN_UP && sequence === this.sequence + 1;
    if (sequence !== this.sequence && !isGivenUp) this.expectAllSeen();
    if (flags >= RECORD.progress) {
      if (sequence !== this.sequence) this.items = 0;
      this.sequence = sequence;
      this.replayed = 0;
      this.isReplaying = this.items > 0;
      return false;
    }
    const first = this.replayed;
    const before = sequence === this.sequence ? this.items - first : 0;
    this.replayed += count;
    if (before < count) {
      this.isReplaying = false;
      this.fill(consumer, lane, batch, sequence, before);
      return true;
    }
    if (flags === RECORD.last) {
      this.expectAllSeen();
      this.moveTo(this.sequence + 1, 0);
      this.isReplaying = false;
    }
    return false;
  }

  /** Adds the current record to the batch, of which `before` items were handed over. */
  private fill(consumer: LaneConsumer, lane: number, batch: LaneBatch, sequence: number, before: number): void {
    const { piece } = this;
    const isLast = consumer.flags === RECORD.last;
    const first = sequence === this.sequence ? this.items - before : 0;
    piece.to = consumer.peekPosition();
    piece.from = (piece.to - 1) | 0;
    piece.sequence = sequence;
    piece.first = first;
    piece.count = consumer.count;
    piece.offset = consumer.offset;
    piece.size = consumer.length;
    piece.runs = 1;
    this.moveTo(isLast ? sequence + 1 : sequence, isLast ? 0 : first + consumer.count);
    batch.addRest(lane, piece, before, this.sequence, this.items, isLast);
  }

  /** The lane shows that no more items of `this.sequence` come: each that was handed over has to have come again. */
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
