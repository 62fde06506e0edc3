import { ANY } from 'native-free-rings';
import { NOBODY } from '../order/ticket-follower.ts';
import { CAUSES } from '../thread/causes.ts';
import type { WriterNote } from '../thread/checkpoints.ts';
import { type WorkWord, WRITER } from '../thread/control-block.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { notSettled, within } from '../thread/time-limit.ts';
import { Acknowledger, type AckParts, writerFailed } from './acknowledger.ts';
import { BlockReader } from './block-reader.ts';
import { Collecting } from './collecting.ts';
import { Committer } from './committer.ts';
import { Delivery, type DeliveryParts } from './delivery.ts';
import { HadItems } from './had-items.ts';
import { InFlight } from './in-flight.ts';
import { Place } from './place.ts';
import { Reading } from './reading.ts';

/** What a writer's duty cycle works with. */
export interface WriterParts extends AckParts, DeliveryParts {
  readonly blockBytes: number;
  /** So many tickets may be read and not drained. */
  readonly tickets: number;
  /** How far the destination has come: the flow's start, or what a writer before this one has left. */
  readonly from: WriterNote;
  /** How long the destination's `close` may take; 0: for ever. */
  readonly closeTimeoutMs: number;
  /** Called before the destination's `close`. */
  closing(): void;
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
  readonly waiting: Waiting = { cause: CAUSES.items, wanted: ANY, timeoutMs: undefined, shown: undefined };
  done = false;

  private readonly parts: WriterParts;
  private readonly reading: Reading;
  private readonly inFlight: InFlight;
  private readonly acks: Acknowledger;
  private readonly delivery: Delivery;
  private readonly collecting: Collecting | undefined;
  private readonly reader: BlockReader;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;
  /** The ticket that is being drained, by its index in the log. */
  private ticket = -1;
  private progressed = false;
  /** The thread before this one may have died before it could say that it wants a lane computed again. */
  private hasToRecall: boolean;

  constructor(parts: WriterParts) {
    const { destination, blockBytes, from, tickets } = parts;
    this.parts = parts;
    const reading = new Reading(from);
    const had = new HadItems();
    if (destination.has !== undefined) had.below(destination.has);
    const positions = parts.lanes.map((lane) => lane.peekPosition());
    const makePlace = (): Place => new Place(from, positions, parts.drained.peek());
    const inFlight = new InFlight(makePlace(), makePlace);
    const { commits, batches } = destination;
    const acks =
      commits === undefined
        ? new Acknowledger(parts, inFlight)
        : new Committer(parts, inFlight, { ...commits, tickets });
    const delivery = new Delivery(parts, acks, inFlight, reading, had);
    const { lingerMs, maxItems } = batches;
    const mostBytes = Number.isFinite(maxItems) ? Number.POSITIVE_INFINITY : blockBytes;
    this.collecting =
      lingerMs === undefined ? undefined : new Collecting(parts, { lingerMs, mostBytes, tickets }, delivery);
    this.reading = reading;
    this.inFlight = inFlight;
    this.acks = acks;
    this.delivery = delivery;
    this.reader = new BlockReader(parts, reading, acks, delivery, had, this.collecting);
    this.at = parts.control.work(WRITER);
    this.hasToRecall = reading.isDropping();
  }

  get isAsync(): boolean {
    return this.acks.isAsync;
  }

  doWork(): number | Promise<number> {
    const { control, follower } = this.parts;
    const { acks, delivery } = this;
    if (control.isStopping()) return acks.isOpen() ? this.acknowledge() : this.finish();
    if (delivery.hasNews) return this.settle();
    if (control.isPaused()) return acks.isOpen() ? this.acknowledge() : this.wait(CAUSES.paused, ANY);
    if (this.hasToRecall) {
      this.hasToRecall = false;
      this.parts.recompute(this.parts.from.lane);
    }
    if (!this.hasTicket()) {
      if (this.reading.sequence >= control.loadEnd()) return this.end();
      if (!this.takesTicket()) return this.rest(ANY);
      acks.processor = follower.owner;
      this.ticket = follower.index;
    }
    return this.drain();
  }

  isReady(): boolean {
    const { control, lanes, follower } = this.parts;
    if (control.isStopping() || this.delivery.hasNews) return true;
    if (control.isPaused()) return this.waiting.cause !== CAUSES.paused;
    if (this.waiting.cause === CAUSES.paused) return true;
    if (this.reading.sequence >= control.loadEnd()) return true;
    if (this.acks.isLate() || this.acks.isWaitedFor()) return true;
    if (this.collecting?.isReady(follower.index) === true) return true;
    return this.hasTicket() ? lanes[this.acks.processor]!.hasNext() : this.takesTicket();
  }

  /** A ticket is being drained. After a recall it may be another one. */
  private hasTicket(): boolean {
    const { index, owner } = this.parts.follower;
    return this.ticket === index && owner !== NOBODY;
  }

  private takesTicket(): boolean {
    const { follower } = this.parts;
    return follower.look(this.reading.sequence) && follower.owner !== NOBODY;
  }

  /** Delivers what the lane holds of the current ticket. */
  private drain(): number | Promise<number> {
    const { reading, acks, reader } = this;
    const { lanes, follower, control } = this.parts;
    acks.begin();
    const delivering = reader.run(lanes[acks.processor]!, acks.processor, follower.end);
    if (reader.progress > 0) this.progressed = true;
    if (delivering !== undefined) return this.after(delivering);
    const acking = acks.endRun();
    if (acking !== undefined) return this.after(acking);
    if (reading.sequence >= follower.end || reading.sequence >= control.loadEnd()) return this.endTicket();
    return reader.progress > 0 ? reader.progress : this.rest(acks.processor);
  }

  private settle(): number | Promise<number> {
    const settling = this.delivery.settle();
    return settling === undefined ? 1 : this.after(settling);
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
    follower.index++;
    return this.acks.ticketRead(follower.index) ? this.acknowledge() : 1;
  }

  private acknowledge(): number | Promise<number> {
    const acking = this.delivery.acknowledge();
    return acking === undefined ? 1 : this.after(acking);
  }

  private handOver(): number | Promise<number> {
    const handing = this.delivery.handOver();
    return handing === undefined ? 1 : this.after(handing);
  }

  /** There is nothing to deliver. */
  private rest(wanted: number): number | Promise<number> {
    if (this.collecting?.isDue(this.parts.follower.index) === true) return this.handOver();
    return this.acks.isOwed() ? this.acknowledge() : this.wait(CAUSES.items, wanted);
  }

  private wait(cause: number, wanted: number): number {
    const { waiting, inFlight, acks } = this;
    waiting.cause = cause;
    waiting.wanted = wanted;
    // Nothing is due while the flow is paused, neither a commit nor what was collected.
    const isPaused = cause === CAUSES.paused;
    waiting.timeoutMs = isPaused ? undefined : this.mostMs();
    // What holds the line is a promise, or what is in hand, even if the writer sleeps for more items.
    const lingers = !isPaused && this.delivery.isHolding;
    waiting.shown = inFlight.pending > 0 ? CAUSES.ack : lingers ? CAUSES.linger : undefined;
    if (waiting.shown !== undefined) this.at.show(acks.sequence);
    this.progressed = false;
    return 0;
  }

  /** For how long the writer may sleep at most; undefined: until it is woken. */
  private mostMs(): number | undefined {
    const timeoutMs = this.acks.mostMs(this.progressed && this.hasBacklog() ? BACKLOG_LOOK_MS : undefined);
    return this.collecting === undefined ? timeoutMs : this.collecting.mostMs(timeoutMs);
  }

  /** Everything is read: what is in hand, and what is in flight, comes first. */
  private end(): number | Promise<number> {
    const { delivery, inFlight, acks } = this;
    if (delivery.isHolding) return this.handOver();
    if (!inFlight.isEmpty) return this.after(delivery.waitForEnd());
    return acks.isOpen() ? this.acknowledge() : this.close();
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
    this.parts.closing();
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
