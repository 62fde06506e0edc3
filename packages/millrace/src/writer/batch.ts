import type { ArrayOf, Infer, Memory } from '@millrace/codec';
import type { ByCodec, CodecShape } from '../thread/by-codec.ts';

/**
 * Items of consecutive sequences, in order: what a writer is given at once. Valid until `write` returns, or until its promise
 * settles. Iterating (`for (const item of batch)`, `[...batch]`) and `toArray` give items that stand alone and stay. Where a
 * struct need not stay, `at` and `views` read it in place, which makes no object. Numbers are read fastest by a loop over the
 * typed array of each of the `segments`.
 *
 * `C` is the codec of the items, `Batch<typeof i32>`: then the segments have `items` where the codec is one of numbers. Or it is
 * the type of the items, `Batch<number>`.
 */
export type Batch<C> = ItemsBatch<C extends CodecShape ? Infer<C> : C> & {
  readonly segments: readonly (Segment & ByCodec<C, { readonly items: Memory[ArrayOf<C>] }, unknown>)[];
};

/**
 * Of which sequences the items of a batch are. A run is a part of the batch that is of one sequence. `runs` says how many there are, at
 * least 1; the others take the index of a run, from 0, or throw a RangeError.
 *
 * In a batch of a writer a sequence with more than `batchBytes` of items may have several runs, one behind the other; in a batch of a
 * ring it has one.
 */
export interface BatchRuns {
  readonly runs: number;
  runSequence(run: number): number;
  /** Its first item and the one behind its last: indexes of the batch, as `at` takes them. */
  runBegin(run: number): number;
  runEnd(run: number): number;
  /** The index of its first item within the sequence's output. */
  runFirst(run: number): number;
  /** Whether the sequence ends with it. Of the last run of a batch false where that is not known: see `last` of ItemsBatch. */
  runEnds(run: number): boolean;
  /** The sequence of item `index`. */
  sequenceAt(index: number): number;
}

export interface ItemsBatch<Item> extends Iterable<Item>, BatchRuns {
  /** Number of items, at least 1, and their bytes in the lanes. */
  readonly length: number;
  readonly bytes: number;
  /** The sequence of the first item, and its index within that sequence's output. */
  readonly sequence: number;
  readonly first: number;
  /**
   * True when the last item is the last of its sequence. (Never so where its processor swallowed an error that `emit` threw
   * between two batches, or committed nothing of its last claim there: the next sequence, or an acknowledgement, then shows the
   * end.)
   */
  readonly last: boolean;
  /**
   * Item `index` of the batch, from 0. Of a struct codec: a view, always the same for one segment, that the next call moves on.
   * It is read-only, since a batch that is refused is offered again.
   */
  at(index: number): Item;
  /**
   * All items in order, each as `at` gives it: of a struct codec the moving view. For hot loops; keep none of them. An iterator
   * that has ended is the next call's: keep none of those either.
   */
  views(): IterableIterator<Item>;
  /** Copies of all items. */
  toArray(): Item[];
  /** The items as they lie in memory, in order. Not to be kept. */
  readonly segments: readonly Segment[];
  /**
   * The bytes of item `index`, as its codec encoded it: a view over shared memory, to be read only. For codecs of varying length,
   * whose items stand behind their lengths in `segments`.
   */
  bytesAt(index: number): Uint8Array;
}

/**
 * Items of a batch that lie back to back in one lane. To be read only. Of a codec of numbers (u8 to f64, i64 and u64 as bigint)
 * it has `items`, the typed array over the lane.
 */
export interface Segment {
  /** The items are those of `items` from `begin` up to `end`. Of other codecs: the indexes of its items in the batch. */
  readonly begin: number;
  readonly end: number;
  /** Index in the batch of its first item, and of its first run; how many runs it has. */
  readonly firstItem: number;
  readonly firstRun: number;
  readonly runs: number;
  /**
   * The items as bytes, for one write to a file or a socket: a view over shared memory. Items of a fixed size stand one behind the
   * other. Before each item of varying length stands its length, an int32 of the machine's byte order, and behind it padding to a
   * multiple of four. `copy`: bytes of their own, for calls that refuse shared memory.
   */
  bytes(options?: { readonly copy?: boolean }): Uint8Array;
}
