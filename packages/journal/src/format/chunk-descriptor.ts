/**
 * A chunk: a run of records that follow each other. A segment is its page and then chunks, back to back. A chunk never changes
 * once it is committed.
 *
 *      0  u32  magic
 *      4  u32  crc32 of everything from byte 8 on
 *      8  u32  bytes of the whole chunk, a multiple of 8
 *     12  u32  zero
 *     16  f64  begin: the position at which the chunk before this one ended: sequence
 *     24  f64                                                                items of it
 *     32  f64  end: the position behind this chunk: sequence
 *     40  f64                                       items of it
 *     48  records, each:
 *            0  f64  sequence
 *            8  f64  first: index of the first item within the sequence's output
 *           16  u32  items
 *           20  u32  flags
 *           24  u32  bytes of the items
 *           28  u32  zero
 *           32  the items as they lay in the lane: fixed ones back to back; others each as length, bytes, padding to 4
 *               padding to 8
 *
 * A chunk without records says that the sequences from begin to end have no items. Numbers are little endian. A journal is read on
 * machines of the same byte order as the one that wrote it.
 */
export const CHUNK_MAGIC = 0x4d524332;
export const CHUNK = {
  magic: 0,
  crc: 4,
  bytes: 8,
  beginSequence: 16,
  beginItems: 24,
  endSequence: 32,
  endItems: 40,
  records: 48,
} as const;
export const RECORD = { sequence: 0, first: 8, items: 16, flags: 20, bytes: 24, payload: 32 } as const;
export const FLAG = {
  /** These are the last items of their sequence. */
  last: 1,
  /** Not items of one sequence, but one item each of `items` sequences, from `sequence` on. */
  each: 2,
} as const;

/** A chunk is closed at this size; a larger batch has a chunk of its own. */
export const CHUNK_TARGET_BYTES: number = 64 * 1024;

export const pad4 = (bytes: number): number => (bytes + 3) & ~3;
export const pad8 = (bytes: number): number => (bytes + 7) & ~7;
