/**
 * The lane: one producer, one consumer, records of varying length, back-pressure in bytes.
 *
 *   line 0  header    owner: who creates the lane, before anybody attaches; never written again. Parameter 0 is the
 *                     capacity in bytes (a power of two).
 *   line 1  tail      owner: producer; reader: consumer. Unit: bytes, wraps at 2^32. Starts at `start`; only grows.
 *                     Records below it may be read. Its store publishes their headers and payloads.
 *           producer attached   0 free, 1 taken. Starts at 0; set once, by compareExchange, by whoever attaches; read by
 *                     those who try. Publishes nothing.
 *   line 2  head      owner: consumer; reader: producer. Unit: bytes, wraps at 2^32. Starts at `start`; only grows.
 *                     Bytes below it may be written again. Its store publishes that all reads below it are done.
 *           consumer attached   likewise
 *   line 3  eventcount of the producer, asleep for room       waker: consumer   wanted: head
 *   line 4  eventcount of the consumer, asleep for records    waker: producer   wanted: tail
 *                     (its words and their owners: eventcount.ts)
 *   data    owner: producer from head + capacity down to tail, consumer from head to tail. `capacity` bytes; position p
 *                     lies at byte p & (capacity - 1). Starts zeroed. Plain accesses; tail and head publish them.
 *
 * A record, 8-byte aligned, never split across the wrap:
 *
 *   +0 payload bytes | +4 sequence | +8 item count | +12 flags | +16 payload, padded to a multiple of 8
 *
 * Where a record does not fit before the wrap, a record with flag PADDING fills the rest; a rest of 8 bytes, which is too
 * short for a header, is skipped by both sides without one.
 */
import { load, store, viewI32, type Words } from '#atomics';
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
const DATA_BYTE: number = 5 * LINE_BYTES;

export const RECORD_HEADER_BYTES = 16;
export const LENGTH_WORD = 0;
export const SEQUENCE_WORD = 1;
export const COUNT_WORD = 2;
export const FLAGS_WORD = 3;

/** Flags of a record that only fills the ring up to its wrap. A user's flags are the 31 bits from 0 to 2^31 - 1. */
export const PADDING = -1;

export const MIN_LANE_BYTES = 64;
export const MAX_LANE_BYTES: number = 2 ** 30;

/** For what a lane's own eventcounts sleep. */
export const LANE_CAUSES = { room: 1, records: 2 } as const;

const LANE = kindOf('lane');
export type LaneHandle = Handle<'lane'>;

export interface LaneOptions {
  /** Capacity of the data in bytes, rounded up to a power of two. 64 to 2^30. */
  capacityBytes: number;
  /** Where both cursors start: for tests of the wrap. A multiple of 8. Default 0. */
  start?: number;
}

/** Allocates an empty lane. Pass the handle to the two threads; one attaches as producer, the other as consumer. */
export function createLane(options: LaneOptions): LaneHandle {
  expectInteger('capacityBytes', options.capacityBytes, MIN_LANE_BYTES, MAX_LANE_BYTES);
  const start = options.start ?? 0;
  expectInteger('start / 8', start / 8, 0, Math.floor(Number.MAX_SAFE_INTEGER / 8));
  const capacity = ceilPowerOfTwo(options.capacityBytes);
  const handle = createHandle(LANE, DATA_BYTE + capacity, [capacity]);
  const words = viewI32(handle.buffer);
  store(words, TAIL_WORD, start | 0);
  store(words, HEAD_WORD, start | 0);
  return handle;
}

export interface OpenLane {
  readonly words: Words;
  readonly memory: Memory;
  readonly capacity: number;
}

/** Checks the header; used by both sides. */
export function openLane(handle: LaneHandle): OpenLane {
  const words = openHandle(LANE, handle);
  const capacity = parameter(words, 0);
  expectBytes(LANE, words, DATA_BYTE + capacity);
  return { words, memory: new Memory(handle.buffer, DATA_BYTE, capacity), capacity };
}

/** Bytes that the producer has published and the consumer has not released, for an observer that is neither. */
export const loadLaneBytes = ({ words }: OpenLane): number => (load(words, TAIL_WORD) - load(words, HEAD_WORD)) | 0;

export const alignRecord = (bytes: number): number => (bytes + 7) & ~7;
