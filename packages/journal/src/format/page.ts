/**
 * The first 4096 bytes of a segment.
 *
 *        0  u32  magic
 *        4  u32  crc32 of everything from byte 8 up to the mark
 *        8  u32  bytes of the text
 *       16  text, JSON: the journal's id, the segment's generation, its owner. Never changes
 *     2048  the mark: what the owner says of the segment. Rewritten in place
 *            0  u32  magic
 *            4  u32  crc32 of everything from byte 8 to the end of the mark
 *            8  f64  begin: the position at which the segment begins (sequence, items)
 *           24  f64  previous: generation of the segment before this one, 0 for none, and the byte at which that one ends
 *           40  f64  flushed: what a power cut cannot take: byte, sequence, items
 *           64  f64  committed: what was acknowledged: byte, sequence, items
 *           88  f64  trimmed: the sequence below which the journal is gone
 *           96  f64  state: 0 the owner is opening the journal (nothing else is known yet), 1 it writes, 2 it has closed it,
 *                          3 it has failed, and lets others write, 4 it has failed to open it (nothing else is known)
 *
 * A mark lies inside one sector of a disk and one page of memory: a process that is killed, or a power cut, leaves the old one
 * or the new one.
 */
import { crc32 } from 'node:zlib';
import type { Progress } from '../progress.ts';
import type { Owner } from '../store/owner.ts';

export const PAGE_BYTES = 4096;
const MARK_AT = 2048;
const MARK_BYTES = 104;
const PAGE_MAGIC = 0x4d525347;
const MARK_MAGIC = 0x4d524d4b;
const TEXT_AT = 16;
const CHECKED_FROM = 8;

/** A place in a segment: the byte, and the position that the journal has there. */
export interface End extends Progress {
  readonly byte: number;
}

export interface SegmentHeader {
  /** The id of the journal. */
  readonly id: string;
  readonly generation: number;
  readonly owner: Owner;
}

export interface Mark {
  readonly begin: Progress;
  readonly previous: number;
  readonly previousEnd: number;
  readonly flushed: End;
  readonly committed: End;
  readonly trimmed: number;
  /** Whether others may write. `closed`: and everything was flushed. */
  readonly state: 'open' | 'closed' | 'failed';
}

const STATES = ['opening', 'open', 'closed', 'failed', 'given up'] as const;

/** The page of a segment whose owner is opening the journal. */
export function encodePage(header: SegmentHeader): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  const text = Buffer.from(JSON.stringify(header));
  if (text.length > MARK_AT - TEXT_AT) throw new RangeError(`a segment's header of ${text.length} bytes`);
  page.writeUInt32LE(PAGE_MAGIC, 0);
  page.writeUInt32LE(text.length, CHECKED_FROM);
  page.set(text, TEXT_AT);
  page.writeUInt32LE(crc32(page.subarray(CHECKED_FROM, MARK_AT)), 4);
  page.set(encodeUnopened('opening'), MARK_AT);
  return page;
}

/** Undefined for what is no whole page. */
export function decodeHeader(page: Buffer): SegmentHeader | undefined {
  if (page.length < PAGE_BYTES || page.readUInt32LE(0) !== PAGE_MAGIC) return undefined;
  if (page.readUInt32LE(4) !== crc32(page.subarray(CHECKED_FROM, MARK_AT))) return undefined;
  return JSON.parse(page.toString('utf8', TEXT_AT, TEXT_AT + page.readUInt32LE(CHECKED_FROM))) as SegmentHeader;
}

export const MARK_OFFSET: number = MARK_AT;
const STATE_NUMBER = 11;

/** The bytes of a mark, for offset `MARK_OFFSET` of the segment. */
export function encodeMark({ begin, previous, previousEnd, flushed, committed, trimmed, state }: Mark): Buffer {
  return encode([
    begin.sequence,
    begin.items,
    previous,
    previousEnd,
    flushed.byte,
    flushed.sequence,
    flushed.items,
    committed.byte,
    committed.sequence,
    committed.items,
    trimmed,
    STATES.indexOf(state),
  ]);
}

/** The mark of an owner that has not opened the journal, yet or for good. */
export const encodeUnopened = (state: 'opening' | 'given up'): Buffer =>
  encode([...Array<number>(STATE_NUMBER).fill(0), STATES.indexOf(state)]);

function encode(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(MARK_BYTES);
  bytes.writeUInt32LE(MARK_MAGIC, 0);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleLE(number, CHECKED_FROM + 8 * i);
  bytes.writeUInt32LE(crc32(bytes.subarray(CHECKED_FROM)), 4);
  return bytes;
}

/** The mark of a page. `torn`: it does not match its checksum. */
export function decodeMark(page: Buffer): Mark | 'opening' | 'given up' | 'torn' {
  const bytes = page.subarray(MARK_AT, MARK_AT + MARK_BYTES);
  if (bytes.readUInt32LE(0) !== MARK_MAGIC || bytes.readUInt32LE(4) !== crc32(bytes.subarray(CHECKED_FROM))) {
    return 'torn';
  }
  const at = (i: number): number => bytes.readDoubleLE(CHECKED_FROM + 8 * i);
  const state = STATES[at(STATE_NUMBER)];
  if (state === undefined) return 'torn';
  if (state === 'opening' || state === 'given up') return state;
  return {
    begin: { sequence: at(0), items: at(1) },
    previous: at(2),
    previousEnd: at(3),
    flushed: { byte: at(4), sequence: at(5), items: at(6) },
    committed: { byte: at(7), sequence: at(8), items: at(9) },
    trimmed: at(10),
    state,
  };
}
