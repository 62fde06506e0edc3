import { Interrupt } from 'native-free-rings/waits';
import { CAUSES } from '../thread/causes.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { FlowStopped } from '../thread/errors.ts';
import { type DeadLetter, type FailurePolicy, pauseBefore } from '../thread/failure-policy.ts';
import type { Parker } from '../thread/parker.ts';
import { type Acknowledger, writerFailed } from './acknowledger.ts';
import type { Destination } from './destination.ts';
import type { LaneBatch } from './lane-batch.ts';
import { isNack } from './nack.ts';
import type { Reading } from './reading.ts';

/** What delivering works with. */
export interface DeliveryParts {
  readonly destination: Destination;
  readonly control: Control;
  readonly counters: Counters;
  readonly parker: Parker;
  /** What to do about a batch that the destination refuses. */
  readonly onNack: FailurePolicy;
  /** Resolves after so many milliseconds, or when the flow is being stopped. */
  pause(ms: number): Promise<void>;
  /** Hands items over that were given up; resolves when they are safe with whoever takes dead letters. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** Has the thread of a processor replaced by one that computes again from the head of line on. */
  recompute(processor: number): void;
}

/** Hands batches to the destination and keeps the head: nothing passes a batch that is not taken (I1). */
export class Delivery {
  private readonly parts: DeliveryParts;
  private readonly acks: Acknowledger;
  private readonly reading: Reading;
  /** Where the destination refused, and how often it did. */
  private refusedSequence = -1;
  private refusedItem = -1;
  private refusals = 0;
  /** Ends the waits for the user's promises when the flow is being stopped. Made with the first of them. */
  private leaving: Interrupt | undefined;

  constructor(parts: DeliveryParts, acks: Acknowledger, reading: Reading) {
    this.parts = parts;
    this.acks = acks;
    this.reading = reading;
  }

  /**
   * Delivers a batch. At the end of it, or of the promise, it is delivered, or given up, or the flow is being stopped.
   * `said`: what the destination's `write` has returned for it already.
   */
  deliver(batch: LaneBatch, said?: number | PromiseLike<number>): Promise<void> | undefined {
    const { destination } = this.parts;
    let taken = said;
    for (;;) {
      try {
        taken ??= destination.write(batch);
      } catch (error) {
        return this.refuse(error, batch);
      }
      if (taken === batch.length) return this.acks.delivered(batch) ? this.acks.acknowledge() : undefined;
      const isDone = typeof taken === 'number' ? this.took(taken, batch) : this.waitForAck(taken, batch);
      if (typeof isDone !== 'boolean') return this.insist(isDone, batch);
      if (isDone) return Promise.resolve();
      taken = undefined;
    }
  }

  /** The destination's `write` has thrown. */
  refuse(error: unknown, batch: LaneBatch): Promise<void> {
    return this.insist(this.refused(error, batch), batch);
  }

  /** Tries again until the batch is done with: one loop, so that attempts leave nothing behind, however many there are. */
  private async insist(first: Promise<boolean>, batch: LaneBatch): Promise<void> {
    const { destination } = this.parts;
    let isDone = await first;
    while (!isDone) {
      let taken: number | PromiseLike<number>;
      try {
        taken = destination.write(batch);
      } catch (error) {
        isDone = await this.refused(error, batch);
        continue;
      }
      isDone = await (typeof taken === 'number' ? this.took(taken, batch) : this.waitForAck(taken, batch));
    }
  }

  private async waitForAck(written: PromiseLike<number>, batch: LaneBatch): Promise<boolean> {
    const { destination, parker } = this.parts;
    this.acks.isAsync = true;
    this.acks.acknowledgeDelivered();
    let taken: number;
    try {
      taken = await parker.timedAsync(destination.waitsFor, this.orStop(written));
    } catch (error) {
      return await this.refused(error, batch);
    }
    return await this.took(taken, batch);
  }

  /** The destination has so many of the batch's first items. True when nothing is left to be done. */
  private took(taken: number, batch: LaneBatch): boolean | Promise<boolean> {
    const { acks } = this;
    if (taken === batch.length) {
      const acking = acks.delivered(batch) ? acks.acknowledge() : undefined;
      return acking === undefined ? true : acking.then(() => true);
    }
    acks.deliveredInPart(batch, taken);
    const waiting = this.waitForDemand(batch);
    return waiting === undefined ? this.isLeaving() : waiting.then(this.isLeaving);
  }

  /** The destination takes no more now. What it has taken is acknowledged meanwhile. */
  private waitForDemand(batch: LaneBatch): Promise<void> | undefined {
    const { acks } = this;
    const { destination, parker } = this.parts;
    const isFull = acks.isFull();
    // A store that takes the next items at once need not commit before.
    const early = isFull ? undefined : destination.waitForDemand(batch);
    if (early === undefined && !isFull) return undefined;
    const wait = (): Promise<void> | undefined => {
      const waiting = early ?? destination.waitForDemand(batch);
      if (waiting === undefined) return undefined;
      acks.isAsync = true;
      return parker.timedAsync(CAUSES.demand, this.orStop(waiting)).catch(this.unlessStopping);
    };
    const acking = acks.acknowledge();
    return acking === undefined ? wait() : acking.then(wait);
  }

  /** The destination does not take the batch, or only what is in front of one of its items: the policy says what now. */
  private async refused(error: unknown, batch: LaneBatch): Promise<boolean> {
    const { onNack, counters, parker } = this.parts;
    if (this.isLeaving()) return true;
    // What is not a Nack is a fault: nothing says that the next attempt would do better.
    if (!isNack(error)) throw writerFailed(error, batch.sequence);
    const { item, action = 'retry', delayMs, cause } = error;
    if (item !== undefined) this.takeBefore(item, batch);
    const refusals = this.countRefusal(batch);
    // At the next refusals there is nothing new.
    if (refusals === 1) await this.acks.acknowledge();
    const isLast = refusals > onNack.attempts;
    if (action === 'dead-letter' || (action !== 'stop' && isLast && onNack.otherwise === 'dead-letter')) {
      return await this.bury(batch, item === undefined ? this.ofSequence(batch) : 1, cause);
    }
    if (action === 'stop' || isLast) throw writerFailed(cause, batch.sequence);
    counters.add(COUNTER.retries, 1);
    if (action === 'recompute') {
      this.recall();
      return true;
    }
    await parker.timedAsync(CAUSES.backoff, this.parts.pause(delayMs ?? pauseBefore(onNack, refusals)));
    return this.isLeaving();
  }

  private takeBefore(item: number, batch: LaneBatch): void {
    if (!Number.isInteger(item) || item < 0 || item >= this.offered(batch)) {
      const error = new RangeError(
        `a Nack of item ${item} of a batch of ${this.offered(batch)}: give its index within the batch`,
      );
      throw writerFailed(error, batch.sequence);
    }
    this.acks.deliveredInPart(batch, item);
  }

  /** The batch that the destination saw may have been a part of this one. */
  private offered({ length }: LaneBatch): number {
    return Math.min(this.parts.destination.offered ?? length, length);
  }

  /** Of the items that the destination saw, those of the first one's sequence. */
  private ofSequence(batch: LaneBatch): number {
    let run = 0;
    while (run + 1 < batch.runs && batch.runSequence(run + 1) === batch.sequence) run++;
    return Math.min(batch.runEnd(run), this.offered(batch));
  }

  private countRefusal(batch: LaneBatch): number {
    if (batch.sequence !== this.refusedSequence || batch.first !== this.refusedItem) this.refusals = 0;
    this.refusedSequence = batch.sequence;
    this.refusedItem = batch.first;
    return ++this.refusals;
  }

  /** Gives the first `count` items of the batch up. */
  private async bury(batch: LaneBatch, count: number, cause: unknown): Promise<boolean> {
    const { counters, parker } = this.parts;
    const items = Array.from({ length: count }, (_, i) => batch.copy(i));
    const { sequence, first: item } = batch;
    const letter = { from: 'writer', sequence, item, items, attempts: this.refusals, cause } as const;
    await parker.timedAsync(CAUSES.deadLetter, this.orStop(this.parts.deadLetter(letter))).catch(this.unlessStopping);
    if (this.isLeaving()) return true;
    counters.add(COUNTER.deadLetters, count);
    if (count < batch.length) {
      this.acks.deliveredInPart(batch, count, false);
      return this.isLeaving();
    }
    this.acks.delivered(batch, false);
    await this.acks.acknowledge();
    return true;
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

  /** The flow is being stopped: the batch is left as it is. */
  private readonly isLeaving = (): boolean => {
    if (!this.parts.control.isStopping()) return false;
    this.acks.isLeft = true;
    return true;
  };

  private readonly unlessStopping = (error: unknown): void => {
    if (!this.parts.control.isStopping()) throw error;
  };

  /** Drops what the processor has computed from here on, and has a fresh thread compute it again. */
  private recall(): void {
    this.acks.recall(this.reading);
    this.parts.recompute(this.acks.processor);
  }
}
