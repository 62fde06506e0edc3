import { ANY } from 'native-free-rings';
import { NOBODY, type TicketFollower } from '../order/ticket-follower.ts';
import { CAUSES } from '../thread/causes.ts';
import type { WriterNote } from '../thread/checkpoints.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { notSettled, within } from '../thread/time-limit.ts';
import { Acknowledger, type AckParts, writerFailed } from './acknowledger.ts';
import { type BlockLimits, BlockReader } from './block-reader.ts';
import { type CommitLimits, Committer } from './committer.ts';
import { Delivery, type DeliveryParts } from './delivery.ts';
import type { LaneBatch } from './lane-batch.ts';
import { Place } from './place.ts';
import { Reading } from './reading.ts';

/** What a writer's duty cycle works with. */
export interface WriterParts extends AckParts, DeliveryParts {
  readonly follower: TicketFollower;
  readonly batch: LaneBatch;
  readonly blocks: BlockLimits;
  /** Of a destination that commits: when, and how much at most. */
  readonly limits: CommitLimits | undefined;
  /** How far the destination has come: the flow's start, or what a writer before this one has left. */
  readonly from: WriterNote;
  /** How long the destination's `close` may take; 0: for ever. */
  readonly closeTimeoutMs: number;
}

/**
 * Under backlog a processor shows work without waking the writer for all of it (`WriterBell`). After it made progress the
 * writer therefore looks once more by itself, after twice the time for which output waits at most; then it sleeps until it is woken.
 */
const BACKLOG_LOOK_MS = 8;

/**
 * The writer's work: follow the ticket log and drain the lane of each ticket's processor up to the ticket's end. Order comes
 * from which lane is read next; nothing is buffered or sorted.
 */
export class WriterCycle implements DutyCycle {
  readonly roleName = 'writer';
  readonly waiting: Waiting = { cause: CAUSES.items, wanted: ANY, timeoutMs: undefined };
  done = false;

  private readonly parts: WriterParts;
  private readonly reading: Reading;
  private readonly acks: Acknowledger;
  private readonly reader: BlockReader;
  /** A ticket is being drained. */
  private hasTicket = false;
  private progressed = false;
  /** The thread before this one may have died before it could say that it wants a lane computed again. */
  private hasToRecall: boolean;

  constructor(parts: WriterParts) {
    this.parts = parts;
    this.reading = new Reading(parts.from);
    const { reading } = this;
    const place = new Place(
      parts.from,
      parts.lanes.map((lane) => lane.peekPosition()),
    );
    this.acks = parts.limits === undefined ? new Acknowledger(parts, place) : new Committer(parts, place, parts.limits);
    const delivery = new Delivery(parts, this.acks, reading);
    this.reader = new BlockReader(parts.destination, parts.blocks, parts.control, reading, this.acks, delivery);
    this.hasToRecall = reading.isDropping();
  }

  get isAsync(): boolean {
    return this.acks.isAsync;
  }

  doWork(): number | Promise<number> {
    const { control, follower } = this.parts;
    const { acks } = this;
    if (control.isStopping()) return acks.isOpen() ? this.acknowledge() : this.finish();
    if (control.isPaused()) return acks.isOpen() ? this.acknowledge() : this.wait(CAUSES.paused, ANY);
    if (this.hasToRecall) {
      this.hasToRecall = false;
      this.parts.recompute(this.parts.from.lane);
    }
    if (!this.hasTicket) {
      if (this.reading.sequence >= control.loadEnd()) return acks.isOpen() ? this.acknowledge() : this.close();
      if (!this.takesTicket()) return this.rest(ANY);
      acks.processor = follower.owner;
      this.hasTicket = true;
    }
    return this.drain();
  }

  isReady(): boolean {
    const { control, lanes } = this.parts;
    if (control.isStopping()) return true;
    if (control.isPaused()) return this.waiting.cause !== CAUSES.paused;
    if (this.waiting.cause === CAUSES.paused) return true;
    if (this.reading.sequence >= control.loadEnd()) return true;
    if (this.acks.isLate() || this.acks.isWaitedFor()) return true;
    return this.hasTicket ? lanes[this.acks.processor]!.hasNext() : this.takesTicket();
  }

  private takesTicket(): boolean {
    const { follower } = this.parts;
    return follower.look(this.reading.sequence) && follower.owner !== NOBODY;
  }

  /** Delivers what the lane holds of the current ticket. */
  private drain(): number | Promise<number> {
    const { reading, acks, reader } = this;
    const { batch, lanes, follower, control } = this.parts;
    acks.begin();
    const delivering = reader.run(lanes[acks.processor]!, acks.processor, batch, follower.end);
    if (reader.records > 0) this.progressed = true;
    if (delivering !== undefined) return this.after(delivering);
    const acking = acks.endRun();
    if (acking !== undefined) return this.after(acking);
    if (reading.sequence >= follower.end || reading.sequence >= control.loadEnd()) return this.endTicket();
    return reader.records > 0 ? reader.records : this.rest(acks.processor);
  }

  private async after(promise: Promise<void>): Promise<number> {
    try {
      await promise;
    } catch (error) {
      throw writerFailed(error, this.acks.sequence);
    }
    return 1;
  }

  private endTicket(): number | Promise<number> {
    const { follower } = this.parts;
    this.hasTicket = false;
    follower.index++;
    return this.acks.ticketRead(follower.index) ? this.acknowledge() : 1;
  }

  private acknowledge(): number | Promise<number> {
    const acking = this.acks.acknowledge();
    return acking === undefined ? 1 : this.after(acking);
  }

  /** There is nothing to deliver. */
  private rest(wanted: number): number | Promise<number> {
    return this.acks.isOwed() ? this.acknowledge() : this.wait(CAUSES.items, wanted);
  }

  private wait(cause: number, wanted: number): number {
    this.waiting.cause = cause;
    this.waiting.wanted = wanted;
    this.waiting.timeoutMs = this.acks.mostMs(this.progressed && this.hasBacklog() ? BACKLOG_LOOK_MS : undefined);
    this.progressed = false;
    return 0;
  }

  /** More has arrived than the ticket holds that is being read. */
  private hasBacklog(): boolean {
    const { source, follower } = this.parts;
    return source === undefined || source.loadEnd() > follower.end;
  }

  private finish(): number {
    this.done = true;
    return 1;
  }

  private close(): number | Promise<number> {
    const failed = (error: unknown): never => {
      throw writerFailed(error, this.reading.sequence, 'in close, after');
    };
    try {
      const closing = this.parts.destination.close();
      if (closing === undefined) return this.finish();
      const { closeTimeoutMs, parker } = this.parts;
      const closed = parker.timedAsync(CAUSES.ack, closing);
      return within(closeTimeoutMs, closed, () => notSettled(closeTimeoutMs)).then(() => this.finish(), failed);
    } catch (error) {
      return failed(error);
    }
  }
}
