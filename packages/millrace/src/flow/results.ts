import { wakeRing } from 'native-free-rings';
import { leavable } from 'native-free-rings/waits';
import { MillraceError } from '../thread/errors.ts';
import { attachTo } from './participants.ts';
import { type ItemBatch, type ReadableRing, type RingBatches, readRing } from './ring-batch.ts';

/** What a reader of results needs to know of its flow. */
export interface ResultsFlow {
  /** Somebody reads: a loop has begun, and ends by `ended`. */
  begun(): void;
  ended(): void;
  /** True once nothing more is delivered, because the flow was stopped or has failed. */
  isStopping(): boolean;
  /** Throws what the flow failed with; returns when it was stopped on purpose. */
  rethrow(): void;
  /** The reader gives up before the end. */
  cancel(): void;
  /** Memory was given back (the inline mode has no other thread to notice). */
  released(): void;
}

/**
 * The items of a destination ring, in order, on a thread with an event loop. Each `results()` is a reader of its own, from
 * the oldest item on that the ring still holds, and not reading is back-pressure. Use it once: as an iterable of items, or
 * by `batches()`. Leaving the loop early stops the flow. `Kept`: what its batches have beside the items.
 */
export class Results<Item, Kept = unknown> implements AsyncIterable<Item> {
  private readonly ring: ReadableRing;
  private readonly batch: RingBatches<Item>;
  private readonly flow: ResultsFlow;
  private isLeft = false;
  private isRead = false;

  constructor(ring: ReadableRing, flow: ResultsFlow) {
    this.ring = ring;
    this.batch = attachTo(ring.ring, 'reader', () => readRing<Item>(ring));
    this.flow = flow;
  }

  /** Items one by one, each an object that stands on its own. */
  [Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    return this.leavable(this.items());
  }

  /** Items in batches, read in place: faster, and each batch is valid until the next one is asked for. */
  batches(): AsyncGenerator<ItemBatch<Item> & Kept, void, undefined> {
    return this.leavable(this.readBatches());
  }

  private leavable<T>(generator: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
    return leavable(generator, () => {
      this.isLeft = true;
      if (this.isRead) wakeRing(this.ring.ring);
      else this.giveUp();
    });
  }

  /** A generator that never began does not run its `finally`. */
  private giveUp(): void {
    this.isRead = true;
    this.batch.reader.detach();
    this.flow.cancel();
  }

  private async *items(): AsyncGenerator<Item, void, undefined> {
    for await (const batch of this.readBatches()) {
      // The batch is this object's own; `copy` is what lets an item outlive it.
      for (let i = 0; i < batch.length; i++) yield this.batch.copy(i);
    }
  }

  private async *readBatches(): AsyncGenerator<ItemBatch<Item> & Kept, void, undefined> {
    const { batch, flow } = this;
    if (this.isRead) {
      throw new MillraceError(
        'NO_RESULTS',
        'these results have been read: call flow.results() again for another reader',
      );
    }
    this.isRead = true;
    flow.begun();
    let ended = false;
    try {
      for (;;) {
        if (this.isLeft) return;
        while (batch.next()) {
          flow.released();
          yield batch as ItemBatch<Item> as ItemBatch<Item> & Kept;
        }
        flow.released();
        ended = batch.isAtEnd() || flow.isStopping();
        if (ended) {
          // The last item may be there, and the flow has failed behind it.
          flow.rethrow();
          return;
        }
        await batch.reader.waitForAsync(batch.first, () => this.isLeft || flow.isStopping());
      }
    } finally {
      batch.reader.detach();
      if (!ended) flow.cancel();
      flow.ended();
    }
  }
}
