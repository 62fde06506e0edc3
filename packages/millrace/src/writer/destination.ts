import { CAUSES } from '../thread/causes.ts';
import { type CommitOptions, type CommitRule, commitFaults, commitRule } from '../thread/commit-rule.ts';
import { MillraceError } from '../thread/errors.ts';
import type { Batch } from './batch.ts';
import type { Progress, WriterDefinition } from './definition.ts';
import type { LaneBatch } from './lane-batch.ts';
import { isNack } from './nack.ts';

/** Where a writer delivers. One implementation for each kind of destination. */
export interface Destination {
  /** How rarely to acknowledge under load, or to look whether to commit: after so many milliseconds, and so many batches at most. */
  readonly ackEveryMs: number;
  readonly ackBatches: number;
  /** Where only `flush` makes what was written count: how often. Where a destination shows its end, that says what counts. */
  readonly commits?: CommitRule | undefined;
  /** Batches are to be of one sequence each. */
  readonly isBySequence: boolean;
  /** How many items the last `write` offered, where that may be fewer than the batch has. */
  readonly offered?: number | undefined;
  /** For what one waits with the promise of `write`. */
  readonly waitsFor: number;
  /**
   * Takes the batch, or as many of its first items as there is demand for, and returns how many. They are acknowledged when
   * this returns, or when the promise that it returns resolves.
   */
  write(batch: LaneBatch): number | PromiseLike<number>;
  /** After `write` took fewer items than there are: returns (or resolves) when there may be demand for the rest. */
  waitForDemand(batch: LaneBatch): void | PromiseLike<void>;
  /** What `flush` will show as the end of a destination ring; 0 for other destinations. Only grows. */
  peekEnd(): number;
  /** Shows what was written, or makes it durable; called before sequences are acknowledged. `progress` is not to be kept. */
  flush(progress: Progress): void | PromiseLike<void>;
  /** After the last batch of a flow that was drained. */
  close(): void | PromiseLike<void>;
}

type UserParts = Pick<WriterDefinition<unknown>, 'write' | 'batches' | 'maxItems' | 'demand' | 'commit' | 'close'> &
  CommitOptions;

/** A user's code: a writer module, or a function on the main thread. */
export class UserDestination implements Destination {
  readonly waitsFor: number = CAUSES.ack;
  readonly ackEveryMs: number = ACK_EVERY_MS;
  readonly ackBatches: number = ACK_BATCHES;
  readonly commits: CommitRule | undefined;
  readonly isBySequence: boolean;
  readonly offered: number | undefined;
  protected readonly parts: UserParts;

  constructor(parts: UserParts, given?: CommitOptions) {
    expectParts(parts);
    this.parts = parts;
    this.commits = parts.commit === undefined ? undefined : commitRule(parts, given);
    this.isBySequence = parts.batches === 'sequence';
  }

  /** The user's code takes `n` more items. */
  ready(_n: number): void {}

  write(batch: LaneBatch): number | PromiseLike<number> {
    const { length } = batch;
    const written = this.parts.write(batch as Batch<unknown>) as unknown;
    // A foreign promise's `then` may return nothing, or call back twice: what is handed on is the platform's own.
    return isThenable(written) ? Promise.resolve(written).then(() => length) : length;
  }

  waitForDemand(): void | PromiseLike<void> {}

  peekEnd(): number {
    return 0;
  }

  /** A store may keep what it is told: the place that `flush` gets goes on. */
  flush({ sequence, items }: Progress): void | PromiseLike<void> {
    return this.parts.commit?.({ sequence, items });
  }

  close(): void | PromiseLike<void> {
    return this.parts.close?.();
  }
}

/** The same for a writer that takes so many items at a time, or so many as it has granted. */
class RationedDestination extends UserDestination {
  override offered = 0;
  private readonly maxItems: number;
  /** Items that were granted and not yet written. */
  private credit: number;
  private granted: (() => void) | undefined;

  constructor(parts: UserParts, given?: CommitOptions) {
    super(parts, given);
    this.maxItems = parts.maxItems ?? Number.POSITIVE_INFINITY;
    this.credit = parts.demand === 'credit' ? 0 : Number.POSITIVE_INFINITY;
  }

  override ready(n: number): void {
    this.credit += n;
    this.granted?.();
  }

  override write(batch: LaneBatch): number | PromiseLike<number> {
    const limit = Math.min(this.maxItems, this.credit);
    return batch.length > limit ? this.writeSome(batch, limit) : this.writeAll(batch);
  }

  override waitForDemand(): void | PromiseLike<void> {
    if (this.credit > 0) return undefined;
    return new Promise((resolve) => {
      this.granted = resolve;
    });
  }

  private writeAll(batch: LaneBatch): number | PromiseLike<number> {
    const { length } = batch;
    this.credit -= length;
    this.offered = length;
    let written: number | PromiseLike<number>;
    try {
      written = super.write(batch);
    } catch (error) {
      this.refund(length, error);
      throw error;
    }
    return typeof written === 'number' ? written : this.acknowledged(written, length);
  }

  private async acknowledged(written: PromiseLike<number>, length: number): Promise<number> {
    try {
      return await written;
    } catch (error) {
      this.refund(length, error);
      throw error;
    }
  }

  /** What was refused is granted still. */
  private refund(length: number, error: unknown): void {
    this.credit += length - ((isNack(error) && error.item) || 0);
  }

  private writeSome(batch: LaneBatch, limit: number): number | PromiseLike<number> {
    if (limit === 0) return 0;
    batch.show(limit);
    const restore = (): void => batch.showAll();
    try {
      const written = this.writeAll(batch);
      if (typeof written !== 'number') return Promise.resolve(written).finally(restore);
      restore();
      return written;
    } catch (error) {
      restore();
      throw error;
    }
  }
}

/** `given`: what `.write(…)` says of commits, in place of the module. */
export const userDestination = (parts: UserParts, given?: CommitOptions): UserDestination =>
  parts.maxItems === undefined && parts.demand !== 'credit'
    ? new UserDestination(parts, given)
    : new RationedDestination(parts, given);

/** Throws where `ready` is given what is no number of items. */
export function expectGrant(n: number): void {
  if (Number.isSafeInteger(n) && n >= 0) return;
  throw new RangeError(`ready(${String(n)}): give how many items more, an integer from 0 on`);
}

/** A module's own options: what would be refused in a call is refused here. */
function expectParts(parts: UserParts): void {
  const { batches, maxItems, demand } = parts;
  const faults: string[] = [];
  if (maxItems !== undefined && !(Number.isSafeInteger(maxItems) && maxItems >= 1))
    faults.push(`maxItems is ${String(maxItems)}; give an integer, 1 or more`);
  if (batches !== undefined && batches !== 'block' && batches !== 'sequence')
    faults.push(`batches is ${JSON.stringify(batches)}; give 'block' or 'sequence'`);
  if (demand !== undefined && demand !== 'open' && demand !== 'credit')
    faults.push(`demand is ${JSON.stringify(demand)}; give 'open' or 'credit'`);
  faults.push(...commitFaults(parts));
  if (faults.length === 0) return;
  throw new MillraceError('BAD_MODULE', `the writer's ${faults.join('; its ')}`, { thread: 'writer' });
}

/** For destinations that take batches at memory speed. */
export const ACK_EVERY_MS = 0.02;
export const ACK_BATCHES = 64;

const isThenable = (value: unknown): value is PromiseLike<void> =>
  value !== undefined && typeof (value as { then?: unknown } | null)?.then === 'function';
