import { LANE_ENTRY, type LaneConsumer } from 'native-free-rings';
import { type Control, type WorkWord, WRITER } from '../thread/control-block.ts';
import { RECORD } from '../thread/lane-layout.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { Delivery } from './delivery.ts';
import type { Destination } from './destination.ts';
import { type LaneBatch, newPiece, type Piece } from './lane-batch.ts';
import type { Reading } from './reading.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const { last: LAST, rewind: REWIND } = RECORD;
const { shift, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits, flagMask } = LANE_ENTRY;

/** How much of a lane makes one batch, where there is more. */
export interface BlockLimits {
  /** Bytes of items at most, unless one run is longer. */
  readonly blockBytes: number;
  /** One sequence at a time. */
  readonly isBySequence: boolean;
}

/**
 * The writer's inner loop: from the lane into the destination, block by block. A block is what the lane shows of one ticket
 * whose items lie back to back, up to `blockBytes`. All that is not a batch which the destination takes at once is handed on:
 * marks that begin anew and replays to the reading, the rest to the delivery.
 */
export class BlockReader {
  /** How many records the last run read. */
  records = 0;

  private readonly destination: Destination;
  private readonly limits: BlockLimits;
  private readonly control: Control;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;
  private readonly reading: Reading;
  private readonly acks: Acknowledger;
  private readonly delivery: Delivery;
  private readonly piece: Piece = newPiece();

  constructor(
    destination: Destination,
    limits: BlockLimits,
    control: Control,
    reading: Reading,
    acks: Acknowledger,
    delivery: Delivery,
  ) {
    this.destination = destination;
    this.limits = limits;
    this.control = control;
    this.at = control.work(WRITER);
    this.reading = reading;
    this.acks = acks;
    this.delivery = delivery;
  }

  /** Delivers what the lane holds of the sequences below `end`, up to the next acknowledgement. Ends with a promise where it has to wait. */
  run(consumer: LaneConsumer, lane: number, batch: LaneBatch, end: number): Promise<void> | undefined {
    const { control, reading, acks, delivery, destination, at } = this;
    // Of quick batches the first of a run is shown: hot path rule 1.
    const isShown = acks.areBatchesSlow();
    at.show(reading.sequence);
    this.records = 0;
    while (reading.sequence < end && !control.mayHaveToRest() && consumer.hasNext()) {
      const before = consumer.peekPosition();
      const isFilled = this.fill(consumer, lane, batch, end);
      this.records += (consumer.peekPosition() - before) | 0;
      if (!isFilled) {
        acks.passed(reading, lane);
        continue;
      }
      if (isShown) at.show(batch.sequence);
      let taken: number | PromiseLike<number>;
      try {
        taken = destination.write(batch);
      } catch (error) {
        return delivery.refuse(error, batch);
      }
      if (taken === batch.length) {
        if (acks.delivered(batch)) return acks.acknowledge();
      } else {
        const delivering = delivery.deliver(batch, taken);
        if (delivering !== undefined) return delivering;
      }
    }
    return undefined;
  }

  /** Fills the batch with what is next in the lane. False where nothing of that is to be handed over. */
  private fill(consumer: LaneConsumer, lane: number, batch: LaneBatch, end: number): boolean {
    if (!this.reading.isReplaying) {
      const position = consumer.peekPosition();
      if (this.fillBlock(consumer, lane, batch, end)) return true;
      if (consumer.peekPosition() !== position) return false;
    }
    consumer.next();
    return this.reading.takeRare(consumer, lane, batch);
  }

  /** Fills the batch with the next block. False where there is none: then marks were passed, or a rewind is next. */
  private fillBlock(consumer: LaneConsumer, lane: number, batch: LaneBatch, end: number): boolean {
    const { reading, acks, piece, limits } = this;
    const { index, indexMask } = consumer;
    const mask = consumer.capacity - 1;
    const tail = consumer.peekTail();
    const mostBytes = Math.min(limits.blockBytes, acks.bytesLeft());
    const mostItems = limits.isBySequence ? 1 : acks.itemsLeft();
    let { sequence, items } = reading;
    let position = consumer.peekPosition();
    const { table } = batch;
    batch.clear();
    table.reserve((tail - position) | 0);
    const { offsets, begins } = table;
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
        } else if (index[entry + BEGIN] !== next || bytes + length > mostBytes || count >= mostItems) break;
        else if ((next & mask) === 0) break;
        offsets[runs] = (index[entry + SEQUENCE]! - (piece.sequence | 0)) | 0;
        begins[runs] = count;
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
    begins[runs] = count;
    table.length = runs;
    batch.add(lane, piece, sequence, items, isLast);
    return true;
  }
}
