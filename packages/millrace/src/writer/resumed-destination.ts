import type { CommitRule } from '../thread/commit-rule.ts';
import type { LaneBatch } from './batch.ts';
import type { Progress } from './definition.ts';
import type { Destination } from './destination.ts';

/**
 * A user's store that has said how far it has come, which may be further than this flow has noted: what it has is not
 * written again, and it is never told that it has less.
 */
export class ResumedDestination implements Destination {
  readonly ackEveryMs: number;
  readonly ackBatches: number;
  readonly waitsFor: number;
  readonly commits: CommitRule | undefined;
  private readonly store: Destination;
  private readonly has: Progress;
  /** What comes may still be part of what the store has. */
  private isBehind = true;

  constructor(store: Destination, has: Progress) {
    this.store = store;
    this.has = has;
    this.ackEveryMs = store.ackEveryMs;
    this.ackBatches = store.ackBatches;
    this.waitsFor = store.waitsFor;
    this.commits = store.commits;
  }

  get offered(): number | undefined {
    return this.store.offered;
  }

  write(batch: LaneBatch): number | PromiseLike<number> {
    if (this.isBehind) {
      const had = this.hadOf(batch);
      if (had > 0) return had;
      this.isBehind = false;
    }
    return this.store.write(batch);
  }

  waitForDemand(batch: LaneBatch): void | PromiseLike<void> {
    return this.isBehind ? undefined : this.store.waitForDemand(batch);
  }

  peekEnd(): number {
    return this.store.peekEnd();
  }

  flush(progress: Progress): void | PromiseLike<void> {
    const { sequence, items } = this.has;
    const isBeyond = progress.sequence > sequence || (progress.sequence === sequence && progress.items > items);
    return isBeyond ? this.store.flush(progress) : undefined;
  }

  close(): void | PromiseLike<void> {
    return this.store.close();
  }

  /** How many of the batch's first items the store has. */
  private hadOf({ sequence, first, length }: LaneBatch): number {
    if (sequence < this.has.sequence) return length;
    return sequence === this.has.sequence ? Math.max(0, Math.min(length, this.has.items - first)) : 0;
  }
}
