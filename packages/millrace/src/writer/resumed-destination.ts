import type { CommitRule } from '../thread/commit-rule.ts';
import type { Progress } from './definition.ts';
import type { Destination } from './destination.ts';
import type { LaneBatch } from './lane-batch.ts';

/**
 * A user's store that has said how far it has come, which may be further than this flow has noted: what it has is not
 * written again, and it is never told that it has less.
 */
export class ResumedDestination implements Destination {
  readonly ackEveryMs: number;
  readonly ackBatches: number;
  readonly waitsFor: number;
  readonly commits: CommitRule | undefined;
  readonly isBySequence: boolean;
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
    this.isBySequence = store.isBySequence;
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
  private hadOf(batch: LaneBatch): number {
    const { sequence, items } = this.has;
    if (batch.sequence > sequence) return 0;
    for (let run = 0; run < batch.runs; run++) {
      const of = batch.runSequence(run);
      if (of < sequence) continue;
      const begin = batch.runBegin(run);
      if (of > sequence) return begin;
      const had = Math.max(0, items - batch.runFirst(run));
      if (had < batch.runEnd(run) - begin) return begin + had;
    }
    return batch.length;
  }
}
