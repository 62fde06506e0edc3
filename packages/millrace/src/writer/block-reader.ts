import type { LaneConsumer } from 'native-free-rings';
import { type Control, type WorkWord, WRITER } from '../thread/control-block.ts';
import type { Acknowledger } from './acknowledger.ts';
import { BlockFiller, MANY } from './block-filler.ts';
import type { Collecting } from './collecting.ts';
import type { Delivery } from './delivery.ts';
import type { Destination } from './destination.ts';
import type { HadItems } from './had-items.ts';
import type { LaneBatch } from './lane-batch.ts';
import type { Reading } from './reading.ts';

/** What the inner loop works with. */
export interface ReaderParts {
  readonly destination: Destination;
  readonly control: Control;
  /** Bytes of items that a batch, or a piece of it, has at most, unless one run is longer. */
  readonly blockBytes: number;
}

/**
 * The writer's inner loop: from the lane into the destination, block by block. A block is what the lane shows of one ticket
 * whose items lie back to back, up to `blockBytes`. A writer that collects gets several of them in one batch.
 */
export class BlockReader {
  /** How much the last run read, in records and batches; 0: nothing. */
  progress = 0;

  private readonly destination: Destination;
  private readonly control: Control;
  private readonly blockBytes: number;
  private readonly mostItems: number;
  private readonly isBySequence: boolean;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;
  private readonly reading: Reading;
  private readonly acks: Acknowledger;
  private readonly delivery: Delivery;
  private readonly had: HadItems;
  private readonly collecting: Collecting | undefined;
  private readonly filler: BlockFiller;

  constructor(
    { destination, control, blockBytes }: ReaderParts,
    reading: Reading,
    acks: Acknowledger,
    delivery: Delivery,
    had: HadItems,
    collecting: Collecting | undefined,
  ) {
    this.destination = destination;
    this.control = control;
    this.blockBytes = blockBytes;
    this.mostItems = destination.batches.maxItems;
    this.isBySequence = destination.batches.isBySequence;
    this.at = control.work(WRITER);
    this.reading = reading;
    this.acks = acks;
    this.delivery = delivery;
    this.had = had;
    this.collecting = collecting;
    this.filler = new BlockFiller(reading);
  }

  /** Delivers what the lane holds of the sequences below `end`, up to the next acknowledgement. Ends with a promise where it has to wait. */
  run(consumer: LaneConsumer, lane: number, end: number): Promise<void> | undefined {
    const { control, reading, acks, delivery, collecting, at, had } = this;
    // Of quick batches the first of a run is shown: hot path rule 1.
    const isShown = acks.areBatchesSlow();
    at.show(reading.sequence);
    this.progress = 0;
    while (reading.sequence < end && !control.mayHaveToRest() && consumer.hasNext()) {
      const { batch } = delivery;
      if (!delivery.isHolding) batch.clear();
      const isHad = !had.isEmpty && had.has(reading);
      const room = isHad ? MANY : this.roomIn(batch);
      if (room <= 0 || (isHad && batch.length > 0)) return this.makeRoom(batch);
      const before = consumer.peekPosition();
      const isFilled = this.fill(consumer, lane, batch, end, room);
      this.progress += Math.max((consumer.peekPosition() - before) | 0, isFilled ? 1 : 0);
      if (!isFilled) {
        acks.passed(reading, lane);
        continue;
      }
      if (isHad) {
        if (acks.delivered(batch, false)) return delivery.acknowledge();
        continue;
      }
      if (isShown) at.show(batch.sequence);
      if (collecting?.keeps(batch, this.demand()) === true) continue;
      const handing = delivery.handOver();
      // With an acknowledgement a run ends, so that whoever hosts the writer has a turn.
      if (handing !== undefined || acks.isFresh) return handing;
    }
    return undefined;
  }

  private demand(): number {
    return Math.min(this.mostItems, this.destination.demand(), MANY) | 0;
  }

  /** So many items more the batch may have. */
  private roomIn(batch: LaneBatch): number {
    return this.demand() - batch.length;
  }

  /** What was collected goes before what it has no room for. */
  private makeRoom(batch: LaneBatch): Promise<void> | undefined {
    this.progress++;
    return batch.length > 0 ? this.delivery.handOver() : this.delivery.waitForDemand();
  }

  /** Adds what is next in the lane, `room` items at most. False where nothing of that is to be handed over. */
  private fill(consumer: LaneConsumer, lane: number, batch: LaneBatch, end: number, room: number): boolean {
    const { acks, filler, had, reading } = this;
    const { length } = batch;
    const mostItems = this.isBySequence ? 1 : Math.min(room, acks.itemsLeft()) | 0;
    const mostBytes = Math.min(this.blockBytes, acks.bytesLeft(), MANY) | 0;
    const place = had.isEmpty ? undefined : { sequence: reading.sequence, items: reading.items };
    if (!filler.fill(consumer, lane, batch, end, mostItems, mostBytes)) return false;
    let most = Math.min(length + room, batch.length);
    if (place !== undefined) most = Math.min(most, Math.max(had.alike(batch, place), length));
    if (most < batch.length) filler.cut(batch, most, consumer);
    return most > length;
  }
}
