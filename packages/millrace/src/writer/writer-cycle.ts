import { ANY, type Cursor, type EventCount, type EventRingReader, extend, type LaneConsumer } from 'native-free-rings';
import { NOBODY, type TicketFollower } from '../order/ticket-follower.ts';
import { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { MillraceError } from '../thread/errors.ts';
import { RECORD } from '../thread/lane-layout.ts';
import type { Parker } from '../thread/parker.ts';
import type { LaneBatch } from './batch.ts';
import type { Destination } from './destination.ts';

/** What a writer's duty cycle works with. */
export interface WriterParts {
  readonly follower: TicketFollower;
  /** By processor. */
  readonly lanes: readonly LaneConsumer[];
  readonly batches: readonly LaneBatch[];
  readonly processors: readonly EventCount[];
  readonly coordinator: EventCount;
  /** The main thread, which may wait for acknowledgements. */
  readonly main: EventCount;
  readonly destination: Destination;
  /** Cursors of the ticket log that the writer owns. */
  readonly acked: Cursor;
  readonly drained: Cursor;
  /** The flow's place among the readers of the source ring; undefined for sequences without a ring. */
  readonly source: EventRingReader | undefined;
  readonly control: Control;
  readonly counters: Counters;
  readonly parker: Parker;
}

/**
 * Under backlog a processor shows work without waking the writer for all of it. After it made progress the writer therefore
 * looks once more by itself, after this time; then it sleeps until it is woken.
 */
const BACKLOG_LOOK_MS = 1;
/**
 * The writer's work: follow the ticket log and drain the lane of each ticket's processor up to the ticket's end. Order comes
 * from which lane is read next; nothing is buffered or sorted.
 */
export class WriterCycle implements DutyCycle {
  readonly roleName = 'writer';
  readonly waiting: Waiting = { cause: CAUSES.items, wanted: ANY, timeoutMs: undefined };
  done = false;

  private readonly parts: WriterParts;
  /** The lane of the current ticket; undefined between tickets. */
  private lane: LaneConsumer | undefined;
  private processor = 0;
  /** Everything below is delivered. */
  private next: number;
  /** Items of sequence `next` that are delivered. */
  private itemsTaken = 0;
  /** When to acknowledge: not for each of many quick batches, but for each slow one. */
  private readonly cadence = new Cadence(0.02, 64);
  private ackedAt = performance.now();
  private sinceAck = 0;
  private progressed = false;
  /** Delivered since the counters were last brought up to date. */
  private items = 0;
  private bytes = 0;
  private batches = 0;

  constructor(parts: WriterParts) {
    this.parts = parts;
    this.next = parts.acked.peek();
  }

  doWork(): number | Promise<number> {
    const { control, follower } = this.parts;
    if (control.isStopping()) return this.finish();
    if (this.lane === undefined) {
      if (this.next >= control.loadEnd()) return this.close();
      if (!follower.look() || follower.owner === NOBODY) return this.wait(ANY);
      this.processor = follower.owner;
      this.lane = this.parts.lanes[follower.owner];
    }
    return this.drain(this.lane!);
  }

  isReady(): boolean {
    const { control, follower } = this.parts;
    if (control.isStopping()) return true;
    if (this.next >= control.loadEnd()) return true;
    if (this.lane !== undefined) return this.lane.hasNext();
    return follower.look() && follower.owner !== NOBODY;
  }

  /** Delivers what the lane holds of the current ticket. */
  private drain(lane: LaneConsumer): number | Promise<number> {
    const { destination, batches, follower } = this.parts;
    const batch = batches[this.processor]!;
    const sourceEnd = this.parts.control.loadEnd();
    let records = 0;
    if (this.sinceAck === 0) this.ackedAt = performance.now();
    while (lane.next()) {
      records++;
      this.progressed = true;
      if (lane.flags === RECORD.progress) {
        this.next = extend(this.next, lane.sequence);
        this.itemsTaken = 0;
      } else {
        batch.sequence = extend(this.next, lane.sequence);
        batch.first = this.next === batch.sequence ? this.itemsTaken : 0;
        batch.offset = lane.offset;
        batch.bytes = lane.length;
        batch.length = lane.count;
        batch.last = lane.flags === RECORD.last;
        this.next = batch.sequence;
        let written: void | PromiseLike<void>;
        try {
          written = destination.write(batch);
        } catch (error) {
          throw this.failed(error);
        }
        if (written !== undefined && typeof (written as { then?: unknown }).then === 'function') {
          return this.waitForAck(written, batch);
        }
        this.delivered(batch);
      }
      if (this.next >= follower.end) {
        this.endTicket();
        return records;
      }
      if (++this.sinceAck >= this.cadence.interval || lane.peekUnreleasedBytes() > lane.capacity >> 3)
        this.acknowledge();
    }
    this.acknowledge();
    if (this.next >= sourceEnd) {
      this.endTicket();
      return 1;
    }
    return records > 0 ? records : this.wait(this.processor);
  }

  private delivered(batch: LaneBatch): void {
    this.items += batch.length;
    this.bytes += batch.bytes;
    this.batches++;
    if (batch.last) {
      this.next = batch.sequence + 1;
      this.itemsTaken = 0;
    } else {
      this.itemsTaken = batch.first + batch.length;
    }
  }

  private async waitForAck(written: PromiseLike<void>, batch: LaneBatch): Promise<number> {
    try {
      await this.parts.parker.timedAsync(this.parts.destination.waitsFor, written);
    } catch (error) {
      throw this.failed(error);
    }
    this.delivered(batch);
    this.acknowledge();
    if (this.next >= this.parts.follower.end) this.endTicket();
    return 1;
  }

  /** Gives lane memory back, moves the publish cursor and lets the source reuse its slots. */
  private acknowledge(): void {
    const { destination, acked, source, processors, counters, lanes } = this.parts;
    destination.flush();
    this.learn();
    this.count(counters);
    const lane = lanes[this.processor]!;
    if (lane.peekUnreleasedBytes() > 0) {
      lane.release();
      if (processors[this.processor]!.wake(CAUSES.room, lane.peekReleased())) counters.add(COUNTER.wakes, 1);
    }
    if (this.next > acked.peek()) {
      counters.add(COUNTER.sequences, this.next - acked.peek());
      acked.publish(this.next);
      source?.release(this.next);
      this.parts.main.wake(CAUSES.acks, this.next);
    }
  }

  private learn(): void {
    const now = performance.now();
    if (this.sinceAck > 0) this.cadence.learn(this.sinceAck, now - this.ackedAt);
    this.sinceAck = 0;
    this.ackedAt = now;
  }

  private count(counters: Counters): void {
    if (this.batches === 0) return;
    counters.add(COUNTER.items, this.items);
    counters.add(COUNTER.bytes, this.bytes);
    counters.add(COUNTER.batches, this.batches);
    this.items = 0;
    this.bytes = 0;
    this.batches = 0;
  }

  private endTicket(): void {
    const { follower, drained, coordinator, counters } = this.parts;
    this.acknowledge();
    this.lane = undefined;
    follower.index++;
    drained.publish(follower.index);
    counters.add(COUNTER.tickets, 1);
    if (coordinator.wake(CAUSES.drained, follower.index)) counters.add(COUNTER.wakes, 1);
  }

  private wait(wanted: number): number {
    this.waiting.wanted = wanted;
    this.waiting.timeoutMs = this.progressed && this.parts.follower.arrived ? BACKLOG_LOOK_MS : undefined;
    this.progressed = false;
    return 0;
  }

  private finish(): number {
    this.done = true;
    return 1;
  }

  private close(): number | Promise<number> {
    const failed = (error: unknown): never => {
      throw this.failed(error, 'in close, after');
    };
    try {
      const closing = this.parts.destination.close();
      return closing === undefined ? this.finish() : Promise.resolve(closing).then(() => this.finish(), failed);
    } catch (error) {
      return failed(error);
    }
  }

  private failed(error: unknown, where = 'on'): MillraceError {
    const sequence = this.next;
    const message = error instanceof Error ? error.message : String(error);
    return new MillraceError('WRITER_FAILED', `the writer failed ${where} sequence ${sequence}: ${message}`, {
      sequence,
      thread: this.roleName,
      cause: error,
    });
  }
}
