import type { Codec } from '@millrace/codec';

/** What the records of a lane are, between a processor and the writer (docs/decisions/0013): the flags of a record. */
export const RECORD = {
  /** A run of items of one sequence, with more to follow. */
  more: 0,
  /** A run of items of one sequence, the last of it. */
  last: 1,
  /**
   * No items: everything below the record's sequence is done. Sequences that a record jumps over had no items.
   * The record's count is GIVEN_UP where the sequence just below was given up: it may then have fewer items than were delivered
   * of it before.
   */
  progress: 2,
  /**
   * No items: everything below the record's sequence is done, and what follows begins with item 0 of that sequence again,
   * whatever came of it before (docs/decisions/0008). The writer drops the items that it has already.
   * The record's count is the last recall (checkpoints.ts) that its thread answers.
   */
  rewind: 3,
} as const;

/** The count of a progress record: see there. */
export const GIVEN_UP = 1;

/** In a run of items of varying length, each item is its length in this many bytes, its bytes, and padding to four. */
export const ITEM_HEADER_BYTES = 4;

/** Bytes of an item of varying length that takes `bytes` itself, with its length and its padding. */
export const framed = (bytes: number): number => ITEM_HEADER_BYTES + ((bytes + 3) & ~3);

/** Items lie at multiples of this in a lane; those of varying length, with their lengths, at multiples of four. */
export const laneAlign = (codec: Codec<unknown, never> | undefined): number =>
  codec?.kind === 'fixed' ? codec.align : 4;
