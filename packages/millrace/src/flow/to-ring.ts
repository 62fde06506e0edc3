import type { Codec } from '@millrace/codec';
import type { BatchRuns } from '../writer/batch.ts';

export interface ToRingOptions<Item> {
  /** Items that the ring holds, rounded up to a power of two. Default 4,096. */
  capacity?: number;
  /**
   * Bytes of data where items vary in length, rounded up to a power of two. An item takes half of them at most, wherever the
   * ring stands. Default 64 an item, at least 64 KiB.
   */
  dataBytes?: number;
  /** Readers that can be attached at one time: each `results()`, and each handle given to another thread. Default 8. */
  readers?: number;
  /**
   * How much of a ring that was full has to be free before the flow goes on to fill it: a number of items, from 1 up to the
   * capacity as it is rounded up, or a part of the capacity, such as 0.25. Default 1: as soon as the next item fits. A part is one
   * of the bytes too where items vary in length; of any ring the next item has to fit. More saves wake-ups of the thread that
   * writes. A reader holds up to a quarter of the ring as its current batch: above three quarters the flow waits for all of it.
   */
  readyAt?: number;
  /**
   * The ring also keeps of which sequence each item is: its batches then have `runs`, `runSequence`, `sequenceAt` and the like, as those of
   * a writer. Costs 16 bytes an item in memory, and two stores. Default false.
   */
  sequences?: boolean;
  /** Codec of the items: gives `results()` its type, and is checked against the processor's `output`. */
  codec?: Codec<Item, never>;
}

/** A destination ring as the user describes it. `Kept`: what its batches have beside the items, BatchRuns, or nothing that is known of. */
export interface RingSpec<Item, Kept = unknown> {
  readonly kind: 'ring';
  readonly options: ToRingOptions<Item>;
  /** There for the types alone. */
  readonly kept?: Kept;
}

/** Delivers items into a ring in shared memory, which `flow.results()` and readers on other threads read. */
export function toRing<Item>(options: ToRingOptions<Item> & { readonly sequences: true }): RingSpec<Item, BatchRuns>;
export function toRing<Item>(options?: ToRingOptions<Item>): RingSpec<Item>;
export function toRing<Item>(options: ToRingOptions<Item> = {}): RingSpec<Item> {
  return { kind: 'ring', options };
}
