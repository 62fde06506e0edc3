/** What a lane record is, between a processor and the writer (docs/decisions/0005). */
export const RECORD = {
  /** Items of a sequence, with more to follow. */
  more: 1,
  /** Items of a sequence, the last of it. */
  last: 2,
  /**
   * No items: everything below the record's sequence is done. Sequences that a record jumps over had no items.
   * The record's count is GIVEN_UP where the sequence just below was given up: it may then have fewer items than were delivered
   * of it before.
   */
  progress: 4,
  /**
   * No items: everything below the record's sequence is done, and what follows begins with item 0 of that sequence again,
   * whatever came of it before (docs/decisions/0008). The writer drops the items that it has already.
   * The record's count is the last recall (checkpoints.ts) that its thread answers.
   */
  rewind: 8,
} as const;

/** The count of a progress record: see there. */
export const GIVEN_UP = 1;

/** In a record of items of varying length, each item is its length in this many bytes, its bytes, and padding to four. */
export const ITEM_HEADER_BYTES = 4;
