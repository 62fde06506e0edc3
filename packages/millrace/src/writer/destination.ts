import { CAUSES } from '../thread/causes.ts';
import type { Batch, LaneBatch } from './batch.ts';

/** Where a writer delivers. One implementation for each kind of destination. */
export interface Destination {
  /** Takes a batch. It is acknowledged when this returns, or when the promise that it returns resolves. */
  write(batch: LaneBatch): void | PromiseLike<void>;
  /** For what one waits with the promise of `write`. */
  readonly waitsFor: number;
  /** Shows what was written; called before sequences are acknowledged. */
  flush(): void;
  /** After the last batch of a flow that was drained. */
  close(): void | PromiseLike<void>;
}

/** A user's function: a writer module's `write`, or a function on the main thread. */
export class FunctionDestination implements Destination {
  readonly waitsFor: number = CAUSES.ack;
  write: (batch: LaneBatch) => void | PromiseLike<void>;
  private readonly onClose: () => void | PromiseLike<void>;

  constructor(write: (batch: Batch<unknown>) => unknown, onClose: () => void | PromiseLike<void> = () => {}) {
    this.write = write as (batch: LaneBatch) => void | PromiseLike<void>;
    this.onClose = onClose;
  }

  flush(): void {}

  close(): void | PromiseLike<void> {
    return this.onClose();
  }
}
