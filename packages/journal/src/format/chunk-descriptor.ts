/**
 * A chunk: items of sequences that follow each other, and an index of them. A segment is its page and then chunks, back to back.
 * A chunk never changes once it is committed.
 *
 *      0  u32  magic
 *      4  u32  crc32 of the magic and of everything from byte 8 on
 *      8  u32  bytes of the whole chunk, a multiple of 8
 *     12  u32  bytes of the items
 *     16  f64  begin: the position at which the chunk before this one ended: sequence
 *     24  f64                                                                items of it
 *     32  f64  end: the position behind this chunk: sequence
 *     40  f64                                       items of it
 *     48  u32  number of items
 *     52  u32  number of entries of the index
 *     56  the items as they lay in the lane: fixed ones back to back; others each as length, bytes, padding to 4
 *         the index
 *         padding to 8
 *
 * A run is what the chunk has of one sequence. An entry of the index says of some runs that follow each other what they have in
 * common, in three numbers:
 *
 *         skipped: so many sequences in front of each of the runs have no items
 *         items of each
 *         runs
 *
 * In front of the first run the sequences count from begin on; a run of that sequence itself goes on behind the items that begin
 * names. The last run ends its sequence if end is beyond it; the others always do. Each number takes as many bytes as it needs: seven
 * bits in each, the low ones first, and the highest bit set where another byte follows.
 *
 * Other numbers are little endian. A journal is read on machines of the same byte order as the one that wrote it. Chunks of
 * version 2 are in chunk-version-2.ts; what stands in the first 48 bytes of both is the same.
 */
export const CHUNK_MAGIC = 0x4d524333;
export const CHUNK = {
  magic: 0,
  crc: 4,
  bytes: 8,
  itemBytes: 12,
  beginSequence: 16,
  beginItems: 24,
  endSequence: 32,
  endItems: 40,
  items: 48,
  entries: 52,
  payload: 56,
} as const;
/** Bytes that chunks of all versions have in common; none is shorter. */
export const CHUNK_HEAD_BYTES = 48;

/** A chunk is closed at this size; a larger segment of a batch has a chunk of its own. */
export const CHUNK_TARGET_BYTES: number = 64 * 1024;

/** In front of each item of varying length. */
export const LENGTH_BYTES = 4;

export const pad4 = (bytes: number): number => (bytes + 3) & ~3;
export const pad8 = (bytes: number): number => (bytes + 7) & ~7;
