import type { LaneConsumer } from 'native-free-rings';
import { type Control, type WorkWord, WRITER } from '../thread/control-block.ts';
import { RECORD } from '../thread/lane-layout.ts';
import type { Acknowledger } from './acknowledger.ts';
import type { LaneBatch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { Destination } from './destination.ts';
import type { Place } from './place.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;

/** The same number, as a small integer where it is one: what V8 once took for a float stays one, in the user's code as well. */
const small = (x: number): number => ((x | 0) === x ? x | 0 : x);

/**
 * The writer's inner loop: from the lane into the destination, record by record. Where it stands and what it counts are
 * locals, told to the place and the acknowledger when somebody has to know: a record of one item then takes 36 ns of the
 * writer where it took 55 with fields (2026-11-24, Node 20.20, all threads on one core, a user's function that adds). All that
 * is not a batch which the destination takes at once is handed on: marks and replays to the place, the rest to the delivery.
 */
export class RecordLoop {
  /** How many records the last run read. */
  records = 0;

  private readonly destination: Destination;
  private readonly control: Control;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;
  private readonly place: Place;
  private readonly acks: Acknowledger;
  private readonly delivery: Delivery;

  constructor(destination: Destination, control: Control, place: Place, acks: Acknowledger, delivery: Delivery) {
    this.destination = destination;
    this.control = control;
    this.at = control.work(WRITER);
    this.place = place;
    this.acks = acks;
    this.delivery = delivery;
  }

  /** Delivers what the lane holds of the sequences below `end`, up to the next acknowledgement. Ends with a promise where it has to wait. */
  run(lane: LaneConsumer, batch: LaneBatch, end: number): Promise<void> | undefined {
    const { destination, control, place, acks, delivery, at } = this;
    const mostBytes = acks.mostUnreleased(lane);
    let { items, isReplaying } = place;
    let sequence = small(place.sequence);
    // Of quick batches the first of a run is shown: hot path rule 1.
    const isShown = acks.areBatchesSlow();
    at.show(sequence);
    let left = acks.batchesLeft();
    let records = 0;
    let batches = 0;
    let allItems = 0;
    let bytes = 0;
    this.records = 0;
    while (sequence < end && !control.mayHaveToRest() && lane.next()) {
      records++;
      const { flags } = lane;
      if (isReplaying || flags > LAST) {
        this.tell(sequence, items, batches, allItems, bytes, records);
        batches = allItems = bytes = 0;
        const delivering = place.takeRare(lane, batch) ? this.deliverRare(batch, lane) : undefined;
        if (delivering !== undefined) return delivering;
        ({ items, isReplaying } = place);
        sequence = small(place.sequence);
        left = acks.batchesLeft();
        continue;
      }
      const ahead = (lane.sequence - (sequence | 0)) | 0;
      if (ahead !== 0) {
        sequence += ahead;
        items = 0;
      }
      const { count, length } = lane;
      batch.sequence = sequence;
      batch.first = items;
      batch.offset = lane.offset;
      batch.bytes = length;
      batch.length = count;
      batch.last = flags === LAST;
      if (isShown) at.show(lane.sequence);
      let taken: number | PromiseLike<number>;
      try {
        taken = destination.write(batch);
      } catch (error) {
        this.tell(sequence, items, batches, allItems, bytes, records);
        return delivery.refuse(error, batch, lane);
      }
      if (taken !== count) {
        this.tell(sequence, items, batches, allItems, bytes, records);
        const delivering = delivery.deliver(batch, lane, taken);
        if (delivering !== undefined) return delivering;
        ({ items, isReplaying } = place);
        sequence = small(place.sequence);
        left = acks.batchesLeft();
        batches = allItems = bytes = 0;
        continue;
      }
      batches++;
      allItems += count;
      bytes += length;
      if (flags === LAST) {
        sequence++;
        items = 0;
      } else items += count;
      if (--left <= 0 || lane.peekUnreleasedBytes() > mostBytes) {
        this.tell(sequence, items, batches, allItems, bytes, records);
        return acks.look(lane);
      }
    }
    if (records > 0) this.tell(sequence, items, batches, allItems, bytes, records);
    return undefined;
  }

  private deliverRare(batch: LaneBatch, lane: LaneConsumer): Promise<void> | undefined {
    this.at.show(batch.sequence);
    return this.delivery.deliver(batch, lane);
  }

  private tell(sequence: number, items: number, batches: number, all: number, bytes: number, records: number): void {
    this.place.moveTo(sequence, items);
    this.acks.deliveredRun(batches, all, bytes);
    this.records = records;
  }
}
