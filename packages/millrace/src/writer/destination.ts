import {
  type BatchOptions,
  type BatchRule,
  batchConflicts,
  batchFaults,
  batchRule,
  shown,
} from '../thread/batch-rule.ts';
import { CAUSES } from '../thread/causes.ts';
import { type CommitOptions, type CommitRule, commitFaults, commitRule } from '../thread/commit-rule.ts';
import { MillraceError } from '../thread/errors.ts';
import type { Settles } from '../thread/settles.ts';
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
  /** What its batches hold. */
  readonly batches: BatchRule;
  /** It has everything below, whatever the flow has noted: that is not written again. */
  readonly has?: Progress | undefined;
  /** For what one waits with the promise of `write`. */
  readonly waitsFor: number;
  /** So many items may be written now. */
  demand(): number;
  /** While there is no demand: calls `granted` when there may be some, once. */
  whenDemanded?(granted: () => void): void;
  /**
   * Takes the batch, or as many of its first items as there is room for, and returns how many. They are acknowledged when this
   * returns, or all of them when the promise that it returns resolves.
   */
  write(batch: LaneBatch): number | PromiseLike<unknown>;
  /** After `write` took fewer items than there are: returns (or resolves) when there may be room for the rest. */
  waitForDemand?(batch: LaneBatch): void | PromiseLike<void>;
  /** What `flush` will show as the end of a destination ring; 0 for other destinations. Only grows. */
  peekEnd(): number;
  /** Shows what was written, or makes it durable; called before sequences are acknowledged. `progress` is not to be kept. */
  flush(progress: Progress): Settles;
  /** After the last batch of a flow that was drained. */
  close(): Settles;
}

/** What of a writer's definition delivers. */
export type UserParts = Pick<WriterDefinition<unknown>, 'write' | 'demand' | 'commit' | 'close'> &
  CommitOptions &
  BatchOptions;

/** What `.write(…)` says in place of a module. */
export type WritingOptions = CommitOptions & BatchOptions;

/** A user's code: a writer module, or a function on the main thread. */
export class UserDestination implements Destination {
  readonly waitsFor: number = CAUSES.ack;
  readonly ackEveryMs: number = ACK_EVERY_MS;
  readonly ackBatches: number = ACK_BATCHES;
  readonly commits: CommitRule | undefined;
  readonly batches: BatchRule;
  readonly has: Progress | undefined;
  protected readonly parts: UserParts;

  /** `has`: how far a store says that it has come. */
  constructor(parts: UserParts, given?: WritingOptions, has?: Progress) {
    this.parts = parts;
    this.commits = parts.commit === undefined ? undefined : commitRule(parts, given);
    this.batches = batchRule(parts, given);
    this.has = has;
  }

  /** The user's code takes `n` more items. */
  ready(_n: number): void {}

  demand(): number {
    return Number.POSITIVE_INFINITY;
  }

  write(batch: LaneBatch): number | PromiseLike<unknown> {
    const { length } = batch;
    const written = this.parts.write(batch as Batch<unknown>) as unknown;
    if (typeof written !== 'object' || written === null) return length;
    // A foreign promise's `then` may return nothing, or call back twice: what is handed on is the platform's own.
    if (isThenable(written)) return Promise.resolve(written);
    expectNoneLeft(written);
    return length;
  }

  peekEnd(): number {
    return 0;
  }

  /** A store may keep what it is told: the place that `flush` gets goes on. It is never told that it has less than it said. */
  flush({ sequence, items }: Progress): Settles {
    const { has } = this;
    if (has !== undefined && (sequence < has.sequence || (sequence === has.sequence && items <= has.items))) return;
    return this.parts.commit?.({ sequence, items });
  }

  close(): Settles {
    return this.parts.close?.();
  }
}

/** The same for a writer that takes so many items as it has granted. */
class CreditDestination extends UserDestination {
  /** Items that were granted and not yet written. */
  private credit = 0;
  private granted: (() => void) | undefined;

  override ready(n: number): void {
    this.credit += n;
    if (this.demand() === 0) return;
    const { granted } = this;
    this.granted = undefined;
    granted?.();
  }

  override demand(): number {
    return this.credit < this.batches.readyAt ? 0 : this.credit;
  }

  whenDemanded(granted: () => void): void {
    this.granted = granted;
  }

  override write(batch: LaneBatch): number | PromiseLike<unknown> {
    const { length } = batch;
    this.credit -= length;
    let written: number | PromiseLike<unknown>;
    try {
      written = super.write(batch);
    } catch (error) {
      this.refund(length, error);
      throw error;
    }
    // Beside what is returned, and before it: a refusal is known to the writer's loop no later than without credit.
    if (typeof written !== 'number') written.then(undefined, (error: unknown) => this.refund(length, error));
    return written;
  }

  /** What was refused is granted still. */
  private refund(length: number, error: unknown): void {
    this.credit += length - ((isNack(error) && error.item) || 0);
  }
}

/** `given`: what `.write(…)` says, in place of the module; `has`: how far a store says that it has come. */
export function userDestination(parts: UserParts, given?: WritingOptions, has?: Progress): UserDestination {
  expectParts(parts, given);
  return parts.demand === 'credit' ? new CreditDestination(parts, given, has) : new UserDestination(parts, given, has);
}

/** Throws where `ready` is given what is no number of items. */
export function expectGrant(n: number): void {
  if (Number.isSafeInteger(n) && n >= 0) return;
  throw new RangeError(`ready(${String(n)}): give how many items more, an integer from 0 on`);
}

/** A module's own options: what would be refused in a call is refused here. */
function expectParts(parts: UserParts, given: WritingOptions | undefined): void {
  const { demand } = parts;
  const faults = batchFaults(parts);
  if (demand !== undefined && demand !== 'open' && demand !== 'credit')
    faults.push(`demand is ${shown(demand)}; give 'open' or 'credit'`);
  faults.push(...commitFaults(parts));
  if (faults.length === 0) faults.push(...batchConflicts(parts, given));
  if (faults.length === 0) return;
  throw new MillraceError('BAD_MODULE', `the writer's ${faults.join('; its ')}`, { thread: 'writer' });
}

/** For destinations that take batches at memory speed. */
export const ACK_EVERY_MS = 0.02;
export const ACK_BATCHES = 64;

const isThenable = (value: unknown): value is PromiseLike<void> =>
  typeof (value as { then?: unknown }).then === 'function';

/** What has only begun when `write` returns it, and what nobody would wait for. */
function expectNoneLeft(written: object): void {
  const { kind } = written as { kind?: unknown };
  if (kind === 'ring' || kind === 'writer')
    throw new TypeError('`write` returned a destination: call what makes it, as in .write(toRing())');
  if (typeof (written as { next?: unknown }).next === 'function')
    throw new TypeError('`write` returned a generator, which nobody runs: make it a function, or an async one');
  if (Array.isArray(written) && written.some((one) => typeof one === 'object' && one !== null && isThenable(one)))
    throw new TypeError('`write` returned an array of promises, which nobody awaits: return Promise.all of them');
}
