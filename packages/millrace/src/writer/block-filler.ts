import { LANE_ENTRY, type LaneConsumer } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import { type LaneBatch, newPiece, type Piece } from './lane-batch.ts';
import type { Reading } from './reading.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const { last: LAST, rewind: REWIND } = RECORD;
const { shift, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits, flagMask } = LANE_ENTRY;

/** More items, bytes and sequences than a lane holds, as a small integer: Infinity is an object of its own in each call. */
export const MANY: number = 2 ** 30;

/**
 * Adds what a lane shows to a batch: one piece, whose items lie back to back. Marks are passed; those that begin anew, and items
 * that come again, are the reading's.
 */
export class BlockFiller {
  private readonly reading: Reading;
  private readonly piece: Piece = newPiece();

  constructor(reading: Reading) {
    this.reading = reading;
  }

  /**
   * Adds a piece of the sequences below `end`; the limits are `MANY` at most. It ends behind the record with which it has
   * `mostItems` or more, and before the one with which it has more than `mostBytes`; it has one record at least. False where
   * nothing of what comes next is to be handed over.
   */
  fill(
    consumer: LaneConsumer,
    lane: number,
    batch: LaneBatch,
    end: number,
    mostItems: number,
    mostBytes: number,
  ): boolean {
    if (!this.reading.isReplaying) {
      const position = consumer.peekPosition();
      if (this.fillBlock(consumer, lane, batch, end, mostItems, mostBytes)) return true;
      if (consumer.peekPosition() !== position) return false;
    }
    consumer.next();
    return this.reading.takeRare(consumer, lane, batch);
  }

  /** Leaves out what follows the first `count` items: it comes again. */
  cut(batch: LaneBatch, count: number, consumer: LaneConsumer): void {
    const { from, sequence, first, skipped } = batch.cut(count);
    consumer.moveTo(from);
    this.reading.backTo(sequence, first, skipped);
  }

  /** Adds the next block. False where there is none: then marks were passed, or a rewind is next. */
  private fillBlock(
    consumer: LaneConsumer,
    lane: number,
    batch: LaneBatch,
    end: number,
    mostItems: number,
    mostBytes: number,
  ): boolean {
    const { reading, piece } = this;
    const { index, indexMask } = consumer;
    const mask = consumer.capacity - 1;
    const tail = consumer.peekTail();
    // In the loop all numbers are small integers, which no check slows down. So sequences are counted from the one that is read.
    const start = reading.sequence;
    const from = start | 0;
    // A record of which some items were handed over is read whole, and they are left out in the end.
    const { skipped } = reading;
    const had = reading.items - skipped;
    const most = (mostItems + skipped) | 0;
    const room = mostBytes | 0;
    const stop = Math.min(end - start, MANY) | 0;
    let position = consumer.peekPosition();
    const { table } = batch;
    table.reserve((tail - position) | 0);
    const { offsets, begins } = table;
    // What the batch has already; its runs are counted from its own first sequence.
    let run = table.length;
    let base = run === 0 ? 0 : batch.sequence | 0;
    const before = batch.length;
    const firstRun = run;
    let begin = 0;
    let next = 0;
    let bytes = 0;
    let count = 0;
    // What comes next is of this sequence, counted from `start`, of which the piece has so many items.
    let ahead = 0;
    let same = 0;
    let isLast = false;
    while (position !== tail) {
      const entry = (position & indexMask) << shift;
      const size = index[entry + SIZE]!;
      const at = (index[entry + SEQUENCE]! - from) | 0;
      const kind = size & flagMask;
      if (kind > LAST) {
        if (kind === REWIND || at > stop) break;
        if (at !== ahead) same = 0;
        ahead = at;
      } else {
        if (at >= stop) break;
        const length = size >>> flagBits;
        if (run === firstRun) {
          begin = next = index[entry + BEGIN]!;
          piece.from = position;
          piece.sequence = start + at;
          piece.first = at === 0 ? had : 0;
          if (firstRun === 0) base = piece.sequence | 0;
        } else if (index[entry + BEGIN] !== next || bytes + length > room || count >= most) break;
        else if ((next & mask) === 0) break;
        offsets[run] = (index[entry + SEQUENCE]! - base) | 0;
        begins[run] = before + count;
        run++;
        bytes += length;
        next = (next + length) | 0;
        const has = index[entry + COUNT]!;
        count += has;
        isLast = kind === LAST;
        if (isLast) {
          ahead = at + 1;
          same = 0;
        } else {
          same = at === ahead ? same + has : has;
          ahead = at;
        }
      }
      position = (position + 1) | 0;
    }
    consumer.moveTo(position);
    const sequence = start + ahead;
    const items = ahead === 0 ? had + same : same;
    if (run === firstRun) {
      reading.backTo(sequence, ahead === 0 ? reading.items : 0, ahead === 0 ? skipped : 0);
      return false;
    }
    reading.backTo(sequence, items, 0);
    piece.to = position;
    piece.count = count;
    piece.size = bytes;
    piece.offset = begin & mask;
    piece.runs = run - firstRun;
    begins[run] = before + count;
    table.length = run;
    batch.add(lane, piece, sequence, items, isLast);
    if (skipped > 0) batch.skip(skipped);
    return true;
  }
}
