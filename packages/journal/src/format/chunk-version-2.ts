/**
 * Chunks of version 2, which are read and no longer written. Up to byte 48 they are as in chunk-descriptor.ts, except:
 *
 *      4  u32  crc32 of everything from byte 8 on
 *     12  u32  zero
 *     48  records, each:
 *            0  f64  sequence
 *            8  f64  first: index of the first item within the sequence's output
 *           16  u32  items
 *           20  u32  flags
 *           24  u32  bytes of the items
 *           28  u32  zero
 *           32  the items as they lay in the lane
 *               padding to 8
 */
import type { Memory } from '@millrace/codec';
import { pad8 } from './chunk-descriptor.ts';
import { type ChunkPart, RunIndex } from './run-index.ts';

export const CHUNK_MAGIC_2 = 0x4d524332;
const RECORDS = 48;
const RECORD = { sequence: 0, first: 8, items: 16, flags: 20, bytes: 24, payload: 32 } as const;
const FLAG = {
  /** These are the last items of their sequence. */
  last: 1,
  /** Not items of one sequence, but one item each of `items` sequences, from `sequence` on. */
  each: 2,
} as const;

/** The records of the chunk from offset `begin` up to `end`. */
export function* recordsOf({ u32, f64 }: Memory, begin: number, end: number): Generator<ChunkPart> {
  for (let at = begin + RECORDS; at < end; ) {
    const flags = u32[(at + RECORD.flags) >> 2];
    const items = u32[(at + RECORD.items) >> 2];
    const sequence = f64[(at + RECORD.sequence) >> 3];
    yield {
      index:
        (flags & FLAG.each) === 0
          ? RunIndex.ofOne(sequence, items)
          : RunIndex.ofRuns(sequence, { items: 1, runs: items }),
      first: f64[(at + RECORD.first) >> 3],
      last: (flags & FLAG.last) !== 0,
      offset: at + RECORD.payload,
    };
    at = pad8(at + RECORD.payload + u32[(at + RECORD.bytes) >> 2]);
  }
}
