import { Interrupt } from 'native-free-rings/waits';
import { NOBODY, type TicketFollower } from '../order/ticket-follower.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Control, type WorkWord, WRITER } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { type DeadLetter, type FailurePolicy, pauseBefore } from '../thread/failure-policy.ts';
import type { Parker } from '../thread/parker.ts';
import { type Acknowledger, writerFailed } from './acknowledger.ts';
import type { Destination } from './destination.ts';
import type { HadItems } from './had-items.ts';
import { FLIGHT, type Flight, type InFlight } from './in-flight.ts';
import type { LaneBatch } from './lane-batch.ts';
import { isNack, type Nack } from './nack.ts';
import type { Reading } from './reading.ts';

/** What delivering works with. */
export interface DeliveryParts {
  readonly destination: Destination;
  readonly follower: TicketFollower;
  readonly control: Control;
  readonly counters: Counters;
  readonly parker: Parker;
  /** What to do about a batch that the destination refuses. */
  readonly onNack: FailurePolicy;
  /** A batch to be filled; one for each that is in flight. */
  makeBatch(): LaneBatch;
  /** Resolves after so many milliseconds, or when the flow is being stopped. */
  pause(ms: number): Promise<void>;
  /** Hands items over that were given up; resolves when they are safe with whoever takes dead letters. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Has the thread of a processor replaced by one that computes again from the head of line on. */
  recompute(processor: number): void;
  /** The writer, which may sleep, looks again. */
  wake(): void;
}

/** How often the destination refused what begins at an item, before that was computed again. */
interface Recalled {
  readonly sequence: number;
  readonly first: number;
  readonly refusals: number;
}

/**
 * Hands batches to the destination: each behind all that were handed over before it (I1), and none while one is refused. What it
 * awaits is awaited in loops, so that attempts leave nothing behind, however many there are.
 */
export class Delivery {
  /** What is filled next, or filled further. */
  batch: LaneBatch;
  /** A promise has settled, or demand was granted, and nobody has looked since. */
  hasNews = false;

  private readonly parts: DeliveryParts;
  private readonly acks: Acknowledger;
  private readonly inFlight: InFlight;
  private readonly reading: Reading;
  private readonly had: HadItems;
  private readonly most: number;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;
  private readonly spare: LaneBatch[] = [];
  /** The batch that is being filled, from its first item on, where batches are collected. */
  private held: Flight | undefined;
  private recalled: Recalled | undefined;
  /** Ends the wait for news. */
  private tell: (() => void) | undefined;
  /** Ends the waits for the user's promises when the flow is being stopped. Made with the first of them. */
  private leaving: Interrupt | undefined;

  constructor(parts: DeliveryParts, acks: Acknowledger, inFlight: InFlight, reading: Reading, had: HadItems) {
    this.parts = parts;
    this.acks = acks;
    this.inFlight = inFlight;
    this.reading = reading;
    this.had = had;
    this.most = parts.destination.batches.maxInFlight;
    this.at = parts.control.work(WRITER);
    this.batch = parts.makeBatch();
  }

  /** The batch has items, and may get more. */
  get isHolding(): boolean {
    return this.held !== undefined;
  }

  /** Keeps the batch, to which something was added: more may follow. */
  hold(): void {
    this.held ??= this.inFlight.add(this.batch);
    this.inFlight.ahead.extended(this.batch);
  }

  /** Hands the batch over that was filled. Undefined: there may be another one at once. */
  handOver(): Promise<void> | undefined {
    const { batch, acks, held } = this;
    let taken: number | PromiseLike<unknown>;
    try {
      taken = this.parts.destination.write(batch);
    } catch (error) {
      this.refuse(this.open(), error);
      return this.untilFree();
    }
    if (taken === batch.length) {
      this.held = undefined;
      const isTime = held === undefined ? acks.delivered(batch) : acks.landed(held);
      return isTime ? this.acknowledge() : undefined;
    }
    const flight = this.open();
    if (typeof taken === 'number') return this.handOverRest(flight, taken);
    this.depart(flight, taken);
    return this.inFlight.pending < this.most ? undefined : this.untilFree();
  }

  /** Takes up what has settled. */
  settle(): Promise<void> | undefined {
    const isTime = this.land();
    if (this.inFlight.find(FLIGHT.refused) !== undefined) return this.untilFree();
    return isTime ? this.acknowledge() : undefined;
  }

  /** Waits until nothing is pending. */
  async waitForAll(): Promise<void> {
    while (this.inFlight.pending > 0 || this.hasNews) {
      if (this.isLeaving()) return;
      if (!this.hasNews) await this.waitForNews(this.parts.destination.waitsFor);
      this.land();
    }
  }

  /** Waits until nothing is open. */
  async waitForEnd(): Promise<void> {
    while (!this.inFlight.isEmpty && !this.isLeaving()) {
      await this.waitForAll();
      await this.untilFree();
    }
  }

  /** There is no demand: what was taken is acknowledged meanwhile. */
  async waitForDemand(): Promise<void> {
    const { destination } = this.parts;
    if (this.acks.isFull()) await this.acknowledge();
    while (destination.demand() === 0 && !this.isLeaving()) {
      destination.whenDemanded?.(this.ring);
      if (!this.hasNews) await this.waitForNews(CAUSES.demand);
      await this.settle();
    }
  }

  /** Acknowledges what may be acknowledged. A commit first waits until nothing is pending. */
  acknowledge(): Promise<void> | undefined {
    return this.acks.mayAcknowledge() ? this.acks.acknowledge() : this.acknowledgeAll();
  }

  private async acknowledgeAll(): Promise<void> {
    await this.waitForAll();
    if (this.acks.mayAcknowledge()) return await this.acks.acknowledge();
    // Nothing is handed over before it is answered.
    this.hasNews = this.inFlight.find(FLIGHT.refused) !== undefined;
  }

  /** The batch in hand is open from now on, and another one is filled next. */
  private open(): Flight {
    const { batch } = this;
    const flight = this.held ?? this.inFlight.add(batch);
    if (this.held === undefined) this.inFlight.ahead.delivered(batch);
    this.held = undefined;
    this.batch = this.spare.pop() ?? this.parts.makeBatch();
    return flight;
  }

  /** Until another batch may be handed over: none is refused, and there are fewer in flight than there may be. */
  private async untilFree(): Promise<void> {
    const { inFlight } = this;
    while (!this.isLeaving()) {
      const refused = inFlight.find(FLIGHT.refused);
      if (refused !== undefined) await this.answer(refused);
      else if (inFlight.pending < this.most && !this.hasNews) return;
      else {
        if (!this.hasNews) await this.waitForNews(this.parts.destination.waitsFor);
        if (this.land()) await this.acknowledge();
      }
    }
  }

  /** The destination has returned a promise for the batch. */
  private depart(flight: Flight, written: PromiseLike<unknown>): void {
    const { inFlight, acks } = this;
    acks.isAsync = true;
    acks.acknowledgeDelivered();
    flight.state = FLIGHT.pending;
    inFlight.pending++;
    const settled = (): void => {
      inFlight.pending--;
      this.ring();
    };
    written.then(
      () => {
        flight.state = FLIGHT.landed;
        settled();
      },
      (error: unknown) => {
        this.refuse(flight, error);
        settled();
      },
    );
  }

  private refuse(flight: Flight, error: unknown): void {
    flight.state = FLIGHT.refused;
    flight.error = error;
  }

  private readonly ring = (): void => {
    this.hasNews = true;
    this.tell?.();
    this.parts.wake();
  };

  /** What the destination has is no longer open. True when it is time to acknowledge. */
  private land(): boolean {
    this.hasNews = false;
    let isTime = false;
    for (;;) {
      const flight = this.inFlight.find(FLIGHT.landed);
      if (flight === undefined) return isTime;
      isTime = this.close(flight) || isTime;
    }
  }

  private close(flight: Flight, isTaken = true): boolean {
    this.spare.push(flight.batch);
    return this.acks.landed(flight, isTaken);
  }

  private async waitForNews(cause: number): Promise<void> {
    const news = new Promise<void>((resolve) => {
      this.tell = resolve;
    });
    // Of what is in flight, the oldest holds the line.
    if (!this.inFlight.isEmpty) this.at.show(this.acks.sequence);
    await this.parts.parker.timedAsync(cause, this.orStop(news)).catch(this.unlessStopping);
    this.tell = undefined;
  }

  /** The destination took the first `taken` items at once, and takes the rest when it has room. */
  private handOverRest(flight: Flight, taken: number): Promise<void> | undefined {
    const { destination } = this.parts;
    for (let more = taken; ; ) {
      this.acks.landedInPart(flight, more);
      const waiting = this.waitForRoom(flight);
      if (waiting !== undefined) return waiting.then(() => this.insist(flight));
      if (this.isLeaving()) return undefined;
      const said = destination.write(flight.batch);
      if (typeof said !== 'number') {
        this.depart(flight, said);
        return this.untilFree();
      }
      if (said === flight.batch.length) return this.close(flight) ? this.acknowledge() : undefined;
      more = said;
    }
  }

  /** What was taken is acknowledged meanwhile. */
  private waitForRoom({ batch }: Flight): Promise<void> | undefined {
    const { destination, parker } = this.parts;
    const wait = (): Promise<void> | undefined => {
      const waiting = destination.waitForDemand?.(batch);
      if (waiting === undefined) return undefined;
      this.acks.isAsync = true;
      return parker.timedAsync(CAUSES.demand, this.orStop(waiting)).catch(this.unlessStopping);
    };
    const acking = this.acknowledge();
    return acking === undefined ? wait() : acking.then(wait);
  }

  /** Hands an open batch over again, until the destination has it, or has returned a promise for it, or refuses it. */
  private async insist(flight: Flight): Promise<void> {
    while (!this.isLeaving()) {
      let taken: number | PromiseLike<unknown>;
      try {
        taken = this.parts.destination.write(flight.batch);
      } catch (error) {
        return this.refuse(flight, error);
      }
      if (typeof taken !== 'number') return this.depart(flight, taken);
      if (taken === flight.batch.length) {
        if (this.close(flight)) await this.acknowledge();
        return;
      }
      this.acks.landedInPart(flight, taken);
      await this.waitForRoom(flight);
    }
  }

  /** The destination does not take an open batch, or only what is in front of one of its items: the policy says what now. */
  private async answer(flight: Flight): Promise<void> {
    const { onNack, counters, parker } = this.parts;
    const { batch, error } = flight;
    flight.state = FLIGHT.held;
    const { item, action = 'retry', delayMs, cause } = this.takeBefore(flight, error);
    const refusals = this.countRefusal(flight);
    // At the next refusals there is nothing new.
    if (refusals === 1 && this.acks.mayAcknowledge()) await this.acks.acknowledge();
    const isLast = refusals > onNack.attempts;
    if (action === 'dead-letter' || (action !== 'stop' && isLast && onNack.otherwise === 'dead-letter')) {
      return await this.bury(flight, item === undefined ? ofSequence(batch) : 1, cause);
    }
    if (action === 'stop' || isLast) throw writerFailed(cause, batch.sequence);
    counters.add(COUNTER.retries, 1);
    if (action === 'recompute') return await this.recall(flight);
    await parker.timedAsync(CAUSES.backoff, this.parts.pause(delayMs ?? pauseBefore(onNack, refusals)));
    await this.insist(flight);
  }

  /** What the destination took of a batch that it refused. */
  private takeBefore(flight: Flight, refusal: unknown): Nack {
    const { batch } = flight;
    // What is not a Nack is a fault: nothing says that the next attempt would do better.
    if (!isNack(refusal)) throw writerFailed(refusal, batch.sequence);
    const { item = 0 } = refusal;
    if (!Number.isInteger(item) || item < 0 || item >= batch.length) {
      const error = new RangeError(
        `a Nack of item ${item} of a batch of ${batch.length}: give its index within the batch`,
      );
      throw writerFailed(error, batch.sequence);
    }
    if (item > 0) flight.refusals = 0;
    this.acks.landedInPart(flight, item);
    return refusal;
  }

  /** What was computed again is the same batch. */
  private countRefusal(flight: Flight): number {
    const { recalled } = this;
    const { sequence, first } = flight.batch;
    if (recalled?.sequence === sequence && recalled.first === first) {
      flight.refusals = recalled.refusals;
      this.recalled = undefined;
    }
    return ++flight.refusals;
  }

  /** Gives the first `count` items of the batch up. */
  private async bury(flight: Flight, count: number, cause: unknown): Promise<void> {
    const { counters, parker } = this.parts;
    const { batch, refusals: attempts } = flight;
    const items = Array.from({ length: count }, (_, i) => batch.copy(i));
    const { sequence, first: item } = batch;
    const letter = { from: 'writer', sequence, item, items, attempts, cause } as const;
    await parker.timedAsync(CAUSES.deadLetter, this.orStop(this.parts.deadLetter(letter))).catch(this.unlessStopping);
    if (this.isLeaving()) return;
    counters.add(COUNTER.deadLetters, count);
    if (count < batch.length) {
      flight.refusals = 0;
      this.acks.landedInPart(flight, count, false);
      return await this.insist(flight);
    }
    this.close(flight, false);
    await this.acknowledge();
  }

  /**
   * Has what the batch begins with computed again, and all of that lane that follows. First the others come to their ends: what
   * the destination has of them is not handed over again.
   */
  private async recall(flight: Flight): Promise<void> {
    const { acks, inFlight } = this;
    await this.waitForAll();
    while (inFlight.open[0] !== flight) {
      if (this.isLeaving() || !inFlight.open.includes(flight)) return;
      await this.answer(inFlight.open[0]!);
      await this.waitForAll();
    }
    if (this.isLeaving()) return;
    for (const open of inFlight.open) if (open.state === FLIGHT.refused) this.takeBefore(open, open.error);
    const { sequence, first } = flight.batch;
    if (!acks.mayAcknowledge()) throw recallOfCommitted(sequence);
    await acks.acknowledge();
    this.recalled = { sequence, first, refusals: flight.refusals };
    const { lane } = flight.batch.pieces[0]!.view;
    this.had.behind(inFlight);
    for (const open of inFlight.open) if (open !== this.held) this.spare.push(open.batch);
    this.held = undefined;
    acks.recall(this.reading, lane);
    const { follower } = this.parts;
    follower.index = inFlight.ahead.tickets;
    // What it says is of another ticket: it looks again.
    follower.owner = NOBODY;
    this.parts.recompute(lane);
  }

  /** The user's promise, which is left behind when the flow is being stopped. */
  private orStop<T>(promise: PromiseLike<T>): Promise<T> {
    this.leaving ??= this.leaveOnStop();
    return this.leaving.or(promise);
  }

  private leaveOnStop(): Interrupt {
    const leaving = new Interrupt();
    void this.parts.control.stopped().then(() => leaving.now(new FlowStopped()));
    return leaving;
  }

  /** The flow is being stopped: what is open is left as it is. */
  private readonly isLeaving = (): boolean => {
    if (!this.parts.control.isStopping()) return false;
    this.acks.isLeft = true;
    return true;
  };

  private readonly unlessStopping = (error: unknown): void => {
    if (!this.parts.control.isStopping()) throw error;
  };
}

/** The items of the sequence with which the batch begins. */
function ofSequence(batch: LaneBatch): number {
  let run = 0;
  while (run + 1 < batch.runs && batch.runSequence(run + 1) === batch.sequence) run++;
  return batch.runEnd(run);
}

function recallOfCommitted(sequence: number): MillraceError {
  return new MillraceError(
    'WRITER_FAILED',
    `a Nack of sequence ${sequence} says 'recompute', and the store has batches behind it that no commit may hold yet: use ` +
      "'retry', or leave maxInFlight at 1 where a writer with `commit` has something computed again",
    { sequence, thread: 'writer' },
  );
}
