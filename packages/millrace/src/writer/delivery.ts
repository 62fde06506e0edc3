import type { LaneConsumer } from 'native-free-rings';
import { CAUSES } from '../thread/causes.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { type DeadLetter, type FailurePolicy, pauseBefore } from '../thread/failure-policy.ts';
import type { Parker } from '../thread/parker.ts';
import { type Acknowledger, writerFailed } from './acknowledger.ts';
import type { LaneBatch } from './batch.ts';
import type { Destination } from './destination.ts';
import { isNack, type Nack } from './nack.ts';

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
  /** Where the destination refused, and how often it did. */
  private refusedSequence = -1;
  private refusedItem = -1;
  private refusals = 0;

  constructor(parts: DeliveryParts, acks: Acknowledger) {
    this.parts = parts;
    this.acks = acks;
  }

  /** Delivers a batch. At the end of it, or of the promise, it is delivered, or given up, or the flow is being stopped. */
  deliver(batch: LaneBatch, lane: LaneConsumer): Promise<void> | undefined {
    const { destination, control } = this.parts;
    for (;;) {
      let taken: number | PromiseLike<number>;
      try {
        taken = destination.write(batch);
      } catch (error) {
        return this.refused(error, batch, lane);
      }
      if (typeof taken !== 'number') return this.waitForAck(taken, batch, lane);
      if (taken === batch.length) return this.acks.delivered(batch, lane) ? this.acks.acknowledge() : undefined;
      this.acks.deliveredInPart(batch, taken);
      const waiting = this.waitForDemand(batch);
      if (waiting !== undefined) return waiting.then(() => this.goOn(batch, lane));
      if (control.isStopping()) return Promise.resolve();
    }
  }

  private async waitForAck(written: PromiseLike<number>, batch: LaneBatch, lane: LaneConsumer): Promise<void> {
    const { destination, parker } = this.parts;
    let taken: number;
    try {
      taken = await parker.timedAsync(destination.waitsFor, written);
    } catch (error) {
      return await this.refused(error, batch, lane);
    }
    if (taken === batch.length) {
      this.acks.delivered(batch, lane);
      await this.acks.acknowledge();
      return;
    }
    this.acks.deliveredInPart(batch, taken);
    await this.waitForDemand(batch);
    await this.goOn(batch, lane);
  }

  private async goOn(batch: LaneBatch, lane: LaneConsumer): Promise<void> {
    if (!this.parts.control.isStopping()) await this.deliver(batch, lane);
  }

  /** The destination takes no more now. What it has taken is acknowledged meanwhile. */
  private waitForDemand(batch: LaneBatch): Promise<void> | undefined {
    const { destination, parker } = this.parts;
    const wait = (): Promise<void> | undefined => {
      const waiting = destination.waitForDemand(batch);
      return waiting === undefined ? undefined : parker.timedAsync(CAUSES.demand, waiting);
    };
    const acking = this.acks.acknowledge(true);
    return acking === undefined ? wait() : acking.then(wait);
  }

  /** The destination does not take the batch, or only what is in front of one of its items: the policy says what now. */
  private async refused(error: unknown, batch: LaneBatch, lane: LaneConsumer): Promise<void> {
    const { onNack, control, counters } = this.parts;
    if (control.isStopping()) return;
    // What is not a Nack is a fault: nothing says that the next attempt would do better.
    if (!isNack(error)) throw writerFailed(error, batch.sequence);
    const { item, action = 'retry', cause } = error;
    if (item !== undefined) this.takeBefore(item, batch);
    await this.acks.acknowledge(true);
    const isLast = this.countRefusal(batch) > onNack.attempts;
    if (action === 'dead-letter' || (action !== 'stop' && isLast && onNack.otherwise === 'dead-letter')) {
      return await this.bury(batch, lane, item === undefined ? batch.length : 1, cause);
    }
    if (action === 'stop' || isLast) throw writerFailed(cause, batch.sequence);
    counters.add(COUNTER.retries, 1);
    if (action === 'recompute') this.recall();
    else await this.tryAgain(batch, lane, error);
  }

  private takeBefore(item: number, batch: LaneBatch): void {
    if (!Number.isInteger(item) || item < 0 || item >= batch.length) {
      const error = new RangeError(
        `a Nack of item ${item} of a batch of ${batch.length}: give its index within the batch`,
      );
      throw writerFailed(error, batch.sequence);
    }
    this.acks.deliveredInPart(batch, item);
  }

  private countRefusal(batch: LaneBatch): number {
    if (batch.sequence !== this.refusedSequence || batch.first !== this.refusedItem) this.refusals = 0;
    this.refusedSequence = batch.sequence;
    this.refusedItem = batch.first;
    return ++this.refusals;
  }

  private async tryAgain(batch: LaneBatch, lane: LaneConsumer, { delayMs }: Nack): Promise<void> {
    const { onNack, parker } = this.parts;
    await parker.timedAsync(CAUSES.backoff, this.parts.pause(delayMs ?? pauseBefore(onNack, this.refusals)));
    await this.goOn(batch, lane);
  }

  /** Gives the first `count` items of the batch up. */
  private async bury(batch: LaneBatch, lane: LaneConsumer, count: number, cause: unknown): Promise<void> {
    const { counters, parker } = this.parts;
    const items = batch.toArray().slice(0, count);
    const { sequence, first: item } = batch;
    const letter = { from: 'writer', sequence, item, items, attempts: this.refusals, cause } as const;
    await parker.timedAsync(CAUSES.deadLetter, this.parts.deadLetter(letter));
    counters.add(COUNTER.deadLetters, count);
    if (count < batch.length) {
      this.acks.deliveredInPart(batch, count);
      return await this.goOn(batch, lane);
    }
    this.acks.delivered(batch, lane);
    await this.acks.acknowledge();
  }

  /** Drops what the processor has computed from here on, and has a fresh thread compute it again. */
  private recall(): void {
    this.acks.recall();
    this.parts.recompute(this.acks.processor);
  }
}
