import { LANE_ENTRY, type LaneConsumer } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import { type LaneBatch, newPiece, type Piece } from './lane-batch.ts';
import type { Reading } from './reading.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const { last: LAST, rewind: REWIND } = RECORD;
const { shift, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits, flagMask } = LANE_ENTRY;

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
   * Adds a piece of the sequences below `end`. It ends behind the record with which it has `mostItems` or more, and before the
   * one with which it has more than `mostBytes`; it has one record at least. False where nothing of what comes next is to be handed over.
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
    let { sequence, items } = reading;
    let position = consumer.peekPosition();
    const { table } = batch;
    table.reserve((tail - position) | 0);
    const { offsets, begins } = table;
    // What the batch has already.
    const firstRun = table.length;
    const firstItem = batch.length;
    // Runs are counted from the batch's first sequence.
    let base = firstRun === 0 ? 0 : batch.sequence | 0;
    let begin = 0;
    let next = 0;
    let bytes = 0;
    let count = 0;
    let runs = 0;
    let isLast = false;
    while (position !== tail) {
      const entry = (position & indexMask) << shift;
      const size = index[entry + SIZE]!;
      const kind = size & flagMask;
      const ahead = (index[entry + SEQUENCE]! - (sequence | 0)) | 0;
      if (kind > LAST) {
        if (kind === REWIND || sequence + ahead > end) break;
      } else {
        if (sequence + ahead >= end) break;
        const length = size >>> flagBits;
        if (runs === 0) {
          begin = next = index[entry + BEGIN]!;
          piece.from = position;
          piece.sequence = sequence + ahead;
          piece.first = ahead === 0 ? items : 0;
          if (firstRun === 0) base = piece.sequence | 0;
        } else if (index[entry + BEGIN] !== next || bytes + length > mostBytes || count >= mostItems) break;
        else if ((next & mask) === 0) break;
        offsets[firstRun + runs] = (index[entry + SEQUENCE]! - base) | 0;
        begins[firstRun + runs] = firstItem + count;
        runs++;
        bytes += length;
        next = (next + length) | 0;
      }
      if (ahead !== 0) {
        sequence += ahead;
        items = 0;
      }
      if (kind <= LAST) {
        const has = index[entry + COUNT]!;
        count += has;
        items += has;
        isLast = kind === LAST;
        if (isLast) {
          sequence++;
          items = 0;
        }
      }
      position = (position + 1) | 0;
    }
    consumer.moveTo(position);
    reading.moveTo(sequence, items);
    if (runs === 0) return false;
    piece.to = position;
    piece.count = count;
    piece.size = bytes;
    piece.offset = begin & mask;
    piece.runs = runs;
    begins[firstRun + runs] = firstItem + count;
    table.length = firstRun + runs;
    batch.add(lane, piece, sequence, items, isLast);
    return true;
  }
}
