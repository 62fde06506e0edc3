import type { Cursor, EventCount, EventRingReader, LaneConsumer } from 'native-free-rings';
import { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import type { WriterCheckpoint } from '../thread/checkpoints.ts';
import { NO_MS } from '../thread/clock.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { MillraceError } from '../thread/errors.ts';
import type { Parker } from '../thread/parker.ts';
import { messageOf, readable } from '../thread/thrown.ts';
import type { Destination } from './destination.ts';
import type { Flight, InFlight } from './in-flight.ts';
import type { LaneBatch } from './lane-batch.ts';
import type { Place } from './place.ts';
import type { Reading } from './reading.ts';

/** What acknowledging works with. */
export interface AckParts {
  readonly destination: Destination;
  readonly checkpoint: WriterCheckpoint;
  /** By processor. */
  readonly lanes: readonly LaneConsumer[];
  readonly processors: readonly EventCount[];
  readonly coordinator: EventCount;
  /** The publish cursor. */
  readonly acked: Cursor;
  /** The cursor of the ticket log below which tickets are drained. */
  readonly drained: Cursor;
  /** The flow's place among the readers of the source ring; undefined for sequences without a ring. */
  readonly source: EventRingReader | undefined;
  /** The main thread, which may wait for acknowledgements. */
  readonly main: EventCount;
  readonly counters: Counters;
  readonly parker: Parker;
  readonly control: Control;
}

const FEW_BATCHES = 8;
/** It is time to acknowledge when so much of a lane is read and not given back. */
const MUCH = 1 / 8;

/**
 * Tells everybody how far the destination has come: not after each of many quick batches, but after each slow one. Of a
 * destination that commits, its Committer does that.
 */
export class Acknowledger {
  /** The processor whose lane is being read. */
  processor = -1;
  /** The destination has returned a promise. */
  isAsync = false;
  /** A batch was left in the middle, because the flow is being stopped. */
  isLeft = false;

  protected readonly parts: AckParts;
  protected readonly inFlight: InFlight;
  protected readonly cadence: Cadence;
  /** Batches since the last acknowledgement; how many it was for, and when the first of them came, where that is timed. */
  protected since = 0;
  private before = 0;
  protected at: number = NO_MS;
  private isTimed = false;
  /** Something was read or delivered that nobody was told of. */
  protected isDue = false;
  /** Delivered since the counters were last brought up to date. */
  protected items = 0;
  protected bytes = 0;
  private batches = 0;

  constructor(parts: AckParts, inFlight: InFlight) {
    this.parts = parts;
    this.inFlight = inFlight;
    this.cadence = new Cadence(parts.destination.ackEveryMs, parts.destination.ackBatches);
  }

  /** How far the destination has come. What it has further ahead does not count. */
  protected get place(): Place {
    return this.inFlight.place;
  }

  /** The destination has everything below. */
  get sequence(): number {
    return this.place.sequence;
  }

  /** Batches are about to come. */
  begin(): void {
    if (this.since > 0) return;
    this.isTimed = this.cadence.isTimed(this.before);
    if (!this.isTimed) return;
    const { parker, control } = this.parts;
    parker.clock.read();
    this.at = parker.clock.now;
    if (parker.owesPublished) control.showPublished(parker.clock);
    parker.owesPublished = false;
  }

  /** Nothing was delivered since the last acknowledgement. */
  get isFresh(): boolean {
    return this.since === 0;
  }

  /** Batches take so long that few are delivered between two acknowledgements. */
  areBatchesSlow(): boolean {
    return this.cadence.interval <= FEW_BATCHES;
  }

  /** So many items, and bytes of them, a batch may have at most, unless one run has more. */
  itemsLeft(): number {
    return Number.POSITIVE_INFINITY;
  }

  bytesLeft(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Records without items of use were read of lane `lane`. */
  passed(reading: Reading, lane: number): void {
    this.inFlight.ahead.passed(reading, lane, this.parts.lanes[lane]!.peekPosition());
    if (this.inFlight.isEmpty) this.isDue = true;
  }

  /** The destination took all of a batch at once, or has it from before. True when it is time to acknowledge. */
  delivered(batch: LaneBatch, isTaken = true): boolean {
    const { inFlight } = this;
    if (isTaken) this.count(batch.length, batch.bytes, 1);
    inFlight.ahead.delivered(batch);
    if (inFlight.isEmpty) this.isDue = true;
    else inFlight.took(batch.length);
    this.since++;
    return this.isTime();
  }

  /** The destination has all of an open batch (or it was given up). True when it is time to acknowledge. */
  landed(flight: Flight, isTaken = true): boolean {
    const { batch } = flight;
    if (isTaken) this.count(batch.length, batch.bytes, 1);
    if (flight === this.inFlight.open[0]) this.isDue = true;
    this.inFlight.close(flight, batch.length);
    this.since++;
    return this.isTime();
  }

  /** The destination has the first `count` items of an open batch (or they were given up); the rest is still in hand. */
  landedInPart(flight: Flight, count: number, isTaken = true): void {
    if (count === 0) return;
    const { batch } = flight;
    const { bytes } = batch;
    if (flight === this.inFlight.open[0]) this.isDue = true;
    flight.begin.deliveredInPart(batch, count);
    this.inFlight.tookOf(flight, count);
    if (isTaken) this.count(count, bytes - batch.bytes, 0);
  }

  /** The lane has no more for now, or the ticket has ended. */
  endRun(): Promise<void> | undefined {
    return this.acknowledge();
  }

  /** All of the tickets before `index` is read. True when it is time to acknowledge. */
  ticketRead(index: number): boolean {
    this.inFlight.ahead.tickets = index;
    if (this.inFlight.isEmpty && !this.isDue) this.publishDrained(index);
    return false;
  }

  /** Something is delivered that is not acknowledged, and no batch is in hand. */
  isOpen(): boolean {
    return this.isDue && !this.isLeft;
  }

  /** The writer is about to rest. True when it has to acknowledge first. */
  isOwed(): boolean {
    return this.isDue;
  }

  /** What is delivered of the batch in hand has to be acknowledged before there is more. */
  isFull(): boolean {
    return true;
  }

  /** Whether it may be acknowledged now, with what is open. */
  mayAcknowledge(): boolean {
    return true;
  }

  /** It is time to acknowledge, by what the clock said last. */
  isLate(): boolean {
    return false;
  }

  /** A processor has no room in its lane, of which some was read and is not given back. */
  isWaitedFor(): boolean {
    return false;
  }

  /** For how long the writer may sleep at most that would sleep for so long. */
  mostMs(timeoutMs: number | undefined): number | undefined {
    return timeoutMs;
  }

  /**
   * Notes how far the destination has come, lets it show that, gives lane memory back, moves the publish cursor and lets the
   * source reuse its slots: in this order, so that a successor can do again what this thread did not come to.
   */
  acknowledge(): Promise<void> | undefined {
    if (!this.isDue) return undefined;
    this.isDue = false;
    this.note();
    const flushing = this.flush();
    if (flushing !== undefined) return flushing.then(() => this.release());
    this.release();
    return undefined;
  }

  /** The destination's promise for a batch may take long: what was delivered before it is not kept back meanwhile. */
  acknowledgeDelivered(): void {
    if (this.since > 0) void this.acknowledge();
  }

  /**
   * Processor `lane` is to compute again from the sequence at which the destination stands. What its lane holds is dropped; the
   * others are read anew from where the place is. Acknowledge first.
   */
  recall(reading: Reading, lane: number): void {
    const { checkpoint, lanes } = this.parts;
    const recall = checkpoint.loadRecall(lane) + 1;
    this.inFlight.clear();
    const { ahead } = this.inFlight;
    for (let i = 0; i < lanes.length; i++) if (i !== lane) lanes[i]!.moveTo(ahead.positions[i]!);
    reading.drop(recall, ahead);
    this.processor = lane;
    this.passed(reading, lane);
    this.note();
    checkpoint.recall(lane, recall);
  }

  protected isTime(): boolean {
    return this.since >= this.cadence.interval || this.parts.lanes[this.processor]!.peekUnreleased() > MUCH;
  }

  protected flush(): Promise<unknown> | undefined {
    const { destination, parker } = this.parts;
    try {
      const flushing = destination.flush(this.place);
      if (flushing === undefined) return undefined;
      this.isAsync = true;
      return parker.timedAsync(CAUSES.ack, flushing).catch((error: unknown) => {
        throw this.commitFailed(error);
      });
    } catch (error) {
      throw this.commitFailed(error);
    }
  }

  private commitFailed(error: unknown): MillraceError {
    return writerFailed(error, this.place.sequence, 'in commit, after');
  }

  protected note(): void {
    const { checkpoint, destination } = this.parts;
    const { sequence, items, laneItems, lane, positions } = this.place;
    for (let i = 0; i < positions.length; i++) checkpoint.noteLane(i, positions[i]!);
    checkpoint.note(destination.peekEnd(), sequence, items, lane, laneItems);
  }

  protected release(): void {
    const { parker, control } = this.parts;
    const isTimed = this.learn();
    this.show();
    this.releaseLanes();
    if (this.publishAcked()) {
      if (isTimed) control.showPublished(parker.clock);
      parker.owesPublished = !isTimed;
    }
    this.drain();
  }

  /** The tickets of which everything is acknowledged. */
  protected drain(): void {
    const { tickets } = this.place;
    if (tickets > this.parts.drained.peek()) this.publishDrained(tickets);
  }

  protected releaseLanes(): void {
    const { lanes, processors, counters } = this.parts;
    const { positions } = this.place;
    for (let i = 0; i < positions.length; i++) {
      const lane = lanes[i]!;
      if (lane.peekReleased() === positions[i]) continue;
      lane.releaseTo(positions[i]!);
      if (processors[i]!.wake(CAUSES.room, lane.peekReleased())) counters.add(COUNTER.wakes, 1);
    }
  }

  /** False where the cursor stands there already. */
  protected publishAcked(): boolean {
    const { acked, source, counters, main } = this.parts;
    const { sequence } = this.place;
    if (sequence <= acked.peek()) return false;
    counters.add(COUNTER.sequences, sequence - acked.peek());
    acked.publish(sequence);
    source?.release(sequence);
    main.wake(CAUSES.acks, sequence);
    return true;
  }

  protected publishDrained(index: number): void {
    const { drained, coordinator, counters } = this.parts;
    counters.add(COUNTER.tickets, index - drained.peek());
    drained.publish(index);
    if (coordinator.wake(CAUSES.drained, index)) counters.add(COUNTER.wakes, 1);
  }

  /** True where the clock was read. */
  protected learn(): boolean {
    if (this.since === 0) return false;
    if (this.isTimed) {
      const { clock } = this.parts.parker;
      clock.read();
      this.cadence.learn(this.since, clock.now - this.at);
      this.at = clock.now;
    }
    this.parts.counters.values[COUNTER.deliveringMs]! += this.since * this.cadence.eachMs;
    this.before = this.since;
    this.since = 0;
    return this.isTimed;
  }

  private count(items: number, bytes: number, batches: number): void {
    this.items += items;
    this.bytes += bytes;
    this.batches += batches;
  }

  protected show(): void {
    if (this.items === 0) return;
    const { counters } = this.parts;
    counters.add(COUNTER.items, this.items);
    counters.add(COUNTER.bytes, this.bytes);
    counters.add(COUNTER.batches, this.batches);
    this.items = 0;
    this.bytes = 0;
    this.batches = 0;
  }
}

/** An error of the destination's, as the flow reports it. */
export function writerFailed(thrown: unknown, sequence: number, where = 'on'): MillraceError {
  const error = readable(thrown);
  // It says so already.
  if (error instanceof MillraceError && error.thread === 'writer') return error;
  if (error instanceof MillraceError && error.code === 'BAD_OPTIONS')
    return new MillraceError(error.code, error.text, { sequence, thread: 'writer', cause: error.cause });
  const message = messageOf(error);
  return new MillraceError('WRITER_FAILED', `the writer failed ${where} sequence ${sequence}: ${message}`, {
    sequence,
    thread: 'writer',
    cause: error,
  });
}
