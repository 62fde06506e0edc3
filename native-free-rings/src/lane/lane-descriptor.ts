/**
 * The lane: one producer, one consumer, records of varying length, back-pressure in bytes and in records.
 *
 * A lane is two rings. Payloads lie back to back in the one, without headers: the payloads of records that follow each other
 * are one run of bytes, which a consumer takes at once. The other one, the index, has an entry for each record.
 *
 *   line 0  header    owner: who creates the lane, before anybody attaches; never written again. Parameters: 0 the
 *                     capacity in bytes, 1 the entries of the index (both powers of two), 2 the alignment of payloads.
 *   line 1  tail      owner: producer; reader: consumer. Unit: records, wraps at 2^32. Starts at `start`; only grows.
 *                     Records below it may be read. Its store publishes their entries and payloads.
 *           producer attached   0 free, 1 taken. Starts at 0; set once, by compareExchange, by whoever attaches; read by
 *                     those who try. Publishes nothing.
 *   line 2  head      owner: consumer; reader: producer. Unit: records, wraps at 2^32. Starts at `start`; only grows.
 *                     Records below it are done with: their bytes and their entries may be written again. Its store
 *                     publishes that all reads below it are done.
 *           consumer attached   likewise
 *   line 3  eventcount of the producer, asleep for room       waker: consumer   wanted: head
 *   line 4  eventcount of the consumer, asleep for records    waker: producer   wanted: tail
 *                     (its words and their owners: eventcount.ts)
 *   index   owner: producer from tail on, nobody writes from head - 1 to tail. Record r has the entry at r & (entries - 1):
 *
 *                     +0 sequence | +4 where its payload begins | +8 payload bytes << 2 | flags | +12 count
 *
 *   data    owner: producer from the end of the last record on, up to where record head - 1 ends one round later. `capacity`
 *                     bytes; position p lies at byte p & (capacity - 1). Positions are bytes, and wrap at 2^32. Zeroed at
 *                     the start. Plain accesses, as those to the index; tail and head publish them.
 *
 * The producer never has all entries in use: that of record head - 1 stays, because it says how far the bytes are given back.
 * (Before the first record it says where the bytes begin: at `start` as well.) A payload is never split across the wrap: where
 * it does not fit before it, it begins behind, and the bytes between are given back with it.
 */
import { load, store, viewI32, type Words } from '#atomics';
import { RingError } from '../errors.ts';
import { kindOf } from '../kind.ts';
import {
  ceilPowerOfTwo,
  createHandle,
  expectBytes,
  expectInteger,
  type Handle,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  parameter,
} from '../layout.ts';
import { Memory } from '../memory.ts';

export const TAIL_WORD: number = LINE_WORDS;
export const PRODUCER_ATTACHED_WORD: number = TAIL_WORD + 1;
export const HEAD_WORD: number = 2 * LINE_WORDS;
export const CONSUMER_ATTACHED_WORD: number = HEAD_WORD + 1;
export const PRODUCER_SLEEP_WORD: number = 3 * LINE_WORDS;
export const CONSUMER_SLEEP_WORD: number = 4 * LINE_WORDS;
const INDEX_BYTE: number = 5 * LINE_BYTES;

/**
 * What an entry is, for a reader of many at once: that of record r is at word (r & indexMask) << shift. Its words, and how the
 * size has the payload's bytes above the flags.
 */
export const LANE_ENTRY = { shift: 2, sequence: 0, begin: 1, size: 2, count: 3, flagBits: 2, flagMask: 3 } as const;
const ENTRY_BYTES: number = 4 << LANE_ENTRY.shift;
/** What the size word holds at most, less than a lane of MAX_LANE_BYTES does; a multiple of every alignment. */
export const MAX_PAYLOAD_BYTES: number = 2 ** (32 - LANE_ENTRY.flagBits) - 8;

export const MIN_LANE_BYTES = 64;
export const MAX_LANE_BYTES: number = 2 ** 30;
export const MIN_LANE_RECORDS = 4;
export const MAX_LANE_RECORDS: number = 2 ** 24;
/** Unless the user says otherwise, there is an entry for so many bytes. */
export const LANE_BYTES_PER_RECORD = 64;
const LEAST_RECORDS = 16;
const ALIGNMENTS: readonly number[] = [1, 2, 4, 8];

/** For what a lane's own eventcounts sleep. */
export const LANE_CAUSES = { room: 1, records: 2 } as const;

const LANE = kindOf('lane');
export type LaneHandle = Handle<'lane'>;

export interface LaneOptions {
  /** Capacity of the payloads in bytes, rounded up to a power of two. 64 to 2^30. */
  capacityBytes: number;
  /** Records that the lane holds at most, and one more, rounded up to a power of two. 4 to 2^24. Default: one for each 64 bytes. */
  records?: number;
  /** Payloads begin at multiples of so many bytes: 1, 2, 4 or 8. Default 8. */
  align?: number;
  /** Where both cursors and the positions of bytes start: for tests of the wrap. A multiple of 8. Default 0. */
  start?: number;
}

/** Allocates an empty lane. Pass the handle to the two threads; one attaches as producer, the other as consumer. */
export function createLane({ capacityBytes, records, align = 8, start = 0 }: LaneOptions): LaneHandle {
  expectInteger('capacityBytes', capacityBytes, MIN_LANE_BYTES, MAX_LANE_BYTES);
  expectInteger('start / 8', start / 8, 0, Math.floor(Number.MAX_SAFE_INTEGER / 8));
  if (records !== undefined) expectInteger('records', records, MIN_LANE_RECORDS, MAX_LANE_RECORDS);
  if (!ALIGNMENTS.includes(align)) throw new RingError('BAD_OPTION', `align is ${align}; give 1, 2, 4 or 8`);
  const capacity = ceilPowerOfTwo(capacityBytes);
  const usual = Math.min(Math.max(capacity / LANE_BYTES_PER_RECORD, LEAST_RECORDS), MAX_LANE_RECORDS);
  const entries = ceilPowerOfTwo(records ?? usual);
  const handle = createHandle(LANE, bytesFor(capacity, entries), [capacity, entries, align]);
  const words = viewI32(handle.buffer);
  const before = (INDEX_BYTE >> 2) + (((start - 1) & (entries - 1)) << LANE_ENTRY.shift);
  words[before + LANE_ENTRY.begin] = start | 0;
  store(words, TAIL_WORD, start | 0);
  store(words, HEAD_WORD, start | 0);
  return handle;
}

const bytesFor = (capacity: number, entries: number): number => INDEX_BYTE + entries * ENTRY_BYTES + capacity;

export interface OpenLane {
  readonly words: Words;
  readonly memory: Memory;
  /** The entries, four words each. */
  readonly index: Words;
  readonly capacity: number;
  readonly entries: number;
  readonly align: number;
}

/** Checks the header; used by both sides. */
export function openLane(handle: LaneHandle): OpenLane {
  const words = openHandle(LANE, handle);
  const capacity = parameter(words, 0);
  const entries = parameter(words, 1);
  expectBytes(LANE, words, bytesFor(capacity, entries));
  const index = viewI32(handle.buffer, INDEX_BYTE, entries << LANE_ENTRY.shift);
  const memory = new Memory(handle.buffer, INDEX_BYTE + entries * ENTRY_BYTES, capacity);
  return { words, memory, index, capacity, entries, align: parameter(words, 2) };
}

/** Records that the producer has published and the consumer has not released, for an observer that is neither. */
export function loadLaneRecords({ words }: OpenLane): number {
  // The head first: it never passes a tail that is loaded later, so this is no less than 0.
  const head = load(words, HEAD_WORD);
  return (load(words, TAIL_WORD) - head) | 0;
}
