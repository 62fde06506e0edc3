/**
 * The event ring: records by sequence, one or many producers, many readers, back-pressure from the slowest reader.
 *
 * A ring with more than one producer place is *shared*. Sequences are cursors: 32 bits that wrap, and `near` (cursor.ts); they
 * only grow and start at `start`. Other words start at 0.
 *
 *   line 0  header    owner: who creates the ring, before anybody attaches; never written again. Parameters: capacity in
 *                     records (a power of two), slot bytes, data bytes, readers, producers
 *   line 1  end       owner: the producer; in a shared ring anybody, by compareExchange, over what is settled
 *                     (shared-claims.ts). Readers: all readers. Unit: sequences. Records below it may be read. Its store
 *                     publishes their data, index and states.
 *           floor     owner: the producers, by compareExchange; readers: those who join, producers. Unit: sequences. Records
 *                     below it may have been overwritten; a reader joins here. Publishes nothing: it is stored before the
 *                     overwriting.
 *           closed    owner: the producers; readers: all. 0, then 1 for good: nothing more will be claimed. A single producer
 *                     stores it after its last claim, so who sees it sees that end. In a shared ring who stores it then loads
 *                     `claimed`, where the ring ends: who has claimed what is behind that sees `closed`, and makes it void.
 *   line 2  claimed   shared rings only. Owner: the producers, by compareExchange; readers: all. Unit: sequences: the next one
 *                     to hand out. Publishes nothing.
 *           data tail variable length and one producer only. Owner: the producer; readers: its successor. Unit: bytes, wraps
 *                     at 2^32: the next position in the data. Publishes nothing.
 *           orphans   shared rings only. Owner: whoever frees the place of a thread that has ended; readers: who moves the end.
 *                     0, then 1 for good, stored before the place of one that had a claim open is free.
 *   line 3  skips     rings of one producer with skips only, like all of this line. Owner: the producer; readers: all. Unit:
 *                     ranges that were skipped, wraps at 2^32. Its store publishes their entries. A range that is counted stays
 *                     as it is. Stored before the end moves past the range, and when the end is where the range begins: so the
 *                     producer's successor finds one range behind the end, or none.
 *           any skip  owner: the producer; readers: all. 0, then 1 for good, stored before `skips` first changes.
 *   reader lines, one per reader:
 *           gate      owner: that reader; readers: producers, other readers. Unit: sequences: it has read all below. Set
 *                     to the floor on joining. Its store publishes that those reads are done.
 *           attached  owner << 2 | state. State 0 free (and the word is 0) → 1 joining, by compareExchange → 2 gating → 0, by
 *                     the reader, or once its thread has ended by whoever learned of that, by compareExchange (places.ts);
 *                     readers: producers, other readers. The store of 2 publishes the gate. The owner is a number by
 *                     which threads are told apart, 0: not told.
 *           task      owner: that reader, while it joins; readers: whoever asks if its thread lives. A second number of that
 *                     thread; 0: not told. Put back to 0 before the place is free.
 *           eventcount of the reader, asleep for records       wakers: producers      wanted: end
 *   producer lines, one per producer:
 *           attached  owner << 2 | state. State 0 free → 1 taken, by compareExchange → 0, by that producer, or as above;
 *                     readers: those who attach, and in a shared ring who moves the end.
 *           task      as above
 *           eventcount of the producer, asleep for room        wakers: readers        wanted: the slowest gate
 *           intent    shared rings only, two words. Owner: that producer; readers: who moves the end. Unit: sequences, their low
 *                     32 bits: where what it has claimed, or is about to claim, begins; how many, 0: nothing. Stored before the
 *                     compareExchange of `claimed`, and taken back when all of them are settled. A successor in the place takes
 *                     back what it finds there.
 *           used      shared rings of varying length only. Owner: that producer; readers: its successor in the place. 0, then 1
 *                     for good: its part of the data has been written.
 *   states  shared rings only, one word a slot. Owner: who claimed the slot's sequence, or once its thread has ended anybody, by
 *                     compareExchange; readers: who moves the end, readers. Unit: sequence << 1 | void. Starts at the sequence of
 *                     the lap before, which is never settled. Its store publishes the record's data and index. All of what is
 *                     skipped is void.
 *   index   variable length only, two words a slot. Owner: who claimed the slot's sequence. Data position (bytes, wraps; in a
 *                     shared ring the offset), length in bytes; published by the state or end. Says nothing about what is void.
 *   voids   rings of one producer with skips only, two doubles an entry. Owner: the producer. Unit: sequences: where a range
 *                     begins, and where it ends. 0 before it is first written. Published by `skips`. Twice as many entries as
 *                     there are ranges at most that are not released: see void-ranges.ts for why nobody reads one that is
 *                     being written over.
 *   data    owner: who claims, from the slowest gate's record on. Fixed: capacity × slot bytes; variable: a ring of data bytes
 *                     (a power of two) for each producer, in a shared ring their number rounded up to a power of two, records
 *                     8-byte aligned and never split across its wrap; bare sequences: nothing. Plain accesses, published by the
 *                     state or end.
 */
import { viewI32, type Words } from '#atomics';
import { CURSOR_WORDS, Cursor } from '../cursor.ts';
import { RingError } from '../errors.ts';
import { EVENTCOUNT_WORDS } from '../eventcount.ts';
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

export const END_WORD: number = LINE_WORDS;
export const FLOOR_WORD: number = END_WORD + CURSOR_WORDS;
export const CLOSED_WORD: number = FLOOR_WORD + CURSOR_WORDS;
export const CLAIMED_WORD: number = 2 * LINE_WORDS;
export const DATA_TAIL_WORD: number = CLAIMED_WORD + CURSOR_WORDS;
export const ORPHANS_WORD: number = DATA_TAIL_WORD + 1;
export const SKIPS_WORD: number = 3 * LINE_WORDS;
export const ANY_SKIP_WORD: number = SKIPS_WORD + 1;
const LINES_BEFORE_READERS = 4;
/** Words of an entry of the voids. */
export const VOID_ENTRY_WORDS = 4;

/** Within a reader line. */
export const GATE = 0;
export const READER_ATTACHED: number = GATE + CURSOR_WORDS;
export const READER_SLEEP: number = READER_ATTACHED + 1;
export const READER_TASK: number = READER_SLEEP + EVENTCOUNT_WORDS;
/** Within a producer line. */
export const PRODUCER_ATTACHED = 0;
export const PRODUCER_SLEEP = 1;
export const PRODUCER_TASK: number = PRODUCER_SLEEP + EVENTCOUNT_WORDS;
export const INTENT_BEGIN: number = PRODUCER_TASK + 1;
export const INTENT_COUNT: number = INTENT_BEGIN + 1;
export const PRODUCER_USED: number = INTENT_COUNT + 1;

/** States of READER_ATTACHED: only an attached reader gates the producers. */
export const READER_FREE = 0;
export const READER_JOINING = 1;
export const READER_GATING = 2;
/** States of PRODUCER_ATTACHED. */
export const PRODUCER_FREE = 0;
export const PRODUCER_TAKEN = 1;

const PLACE_STATE_MASK = 3;
export const MAX_OWNER: number = 2 ** 28 - 1;
export const placeWord = (owner: number, state: number): number => (owner << 2) | state;
export const placeState = (word: number): number => word & PLACE_STATE_MASK;
export const placeOwner = (word: number): number => word >>> 2;

/** Who takes a place: two numbers by which others find out whether its thread still lives. 0: not told. */
export interface PlaceOwner {
  /** From 1 to 2^28 - 1; no two threads have the same one. Of Node: `threadId + 1`. */
  readonly owner?: number;
  /** The operating system's number of the thread. */
  readonly task?: number;
}

export const MAX_RING_RECORDS: number = 2 ** 24;
export const MAX_SLOT_BYTES: number = 2 ** 16;
export const MAX_DATA_BYTES: number = 2 ** 30;
export const MAX_READERS = 256;

/** For what a ring's own eventcounts sleep. */
export const RING_CAUSES = { records: 1, room: 2 } as const;

const EVENT_RING = kindOf('eventRing');
export type EventRingHandle = Handle<'eventRing'>;

export interface EventRingOptions {
  /** Records, rounded up to a power of two. 1 to 2^24. */
  capacity: number;
  /** Bytes of each record, a multiple of the alignment of what it holds. 0, the default: bare sequences without data. */
  slotBytes?: number;
  /**
   * Records of varying length instead of slots: capacity of their data in bytes, rounded up to a power of two. A record takes
   * half of it at most, wherever the ring stands. In a ring for several producers each has so much for its own records.
   */
  dataBytes?: number;
  /** Readers that can be attached at one time. Default 8, at most 256. */
  readers?: number;
  /** Producer handles that can be attached at one time. More than one makes the ring shared. Default 1. */
  producers?: number;
  /**
   * Ranges of sequences, skipped by `trySkip`, that are not all released: 0 to the capacity, rounded up to a power of two.
   * Default 0: nothing can be skipped. A ring for several producers takes any number of ranges, as far as there are slots.
   */
  skips?: number;
  /** The first sequence: for tests of the wrap, and to go on where another ring ended. Default 0. */
  start?: number;
}

export interface OpenEventRing {
  readonly words: Words;
  readonly memory: Memory;
  readonly capacity: number;
  readonly slotBytes: number;
  /** Of varying length: of all the data, and of one producer's. */
  readonly totalDataBytes: number;
  readonly dataBytes: number;
  readonly readers: number;
  readonly producers: number;
  readonly shared: boolean;
  readonly skips: number;
  /** Word of the first state, of the first index entry, and of the first entry of the voids. */
  readonly states: number;
  readonly index: number;
  readonly voids: number;
}

/** Word of reader line `i`, and of producer line `i` in a ring for `readers` readers. */
export const readerLine = (i: number): number => (LINES_BEFORE_READERS + i) * LINE_WORDS;
export const producerLine = (readers: number, i: number): number => (LINES_BEFORE_READERS + readers + i) * LINE_WORDS;

type Sizes = Pick<OpenEventRing, 'capacity' | 'slotBytes' | 'dataBytes' | 'readers' | 'producers' | 'skips'>;

function sections({ capacity, slotBytes, dataBytes, readers, producers, skips }: Sizes) {
  const states = producerLine(readers, producers);
  const index = states + (producers > 1 ? capacity : 0);
  const indexEnd = index + (dataBytes > 0 ? 2 * capacity : 0);
  const voids = Math.ceil(indexEnd / LINE_WORDS) * LINE_WORDS;
  const voidWords = producers > 1 ? 0 : 2 * skips * VOID_ENTRY_WORDS;
  const data = Math.ceil(((voids + voidWords) * 4) / LINE_BYTES) * LINE_BYTES;
  const totalDataBytes = dataBytes * ceilPowerOfTwo(producers);
  const bytes = data + (dataBytes > 0 ? totalDataBytes : (capacity * slotBytes + 7) & ~7);
  return { states, index, voids, data, totalDataBytes, bytes };
}

/** Bytes of data that each producer of a ring with records of varying length may have. */
export const mostDataBytes = (producers: number): number => MAX_DATA_BYTES / ceilPowerOfTwo(producers);

/** Allocates an empty ring. Pass the handle to the threads which attach producers and readers. */
export function createEventRing(options: EventRingOptions): EventRingHandle {
  const { slotBytes = 0, dataBytes = 0, readers = 8, producers = 1, start = 0 } = options;
  expectInteger('capacity', options.capacity, 1, MAX_RING_RECORDS);
  expectInteger('slotBytes', slotBytes, 0, MAX_SLOT_BYTES);
  expectInteger('dataBytes', dataBytes, 0, MAX_DATA_BYTES);
  expectInteger('readers', readers, 1, MAX_READERS);
  expectInteger('producers', producers, 1, MAX_READERS);
  expectInteger('skips', options.skips ?? 0, 0, MAX_RING_RECORDS);
  expectInteger('start', start, 0, Number.MAX_SAFE_INTEGER);
  if (slotBytes > 0 && dataBytes > 0) {
    throw new RingError('BAD_OPTION', 'give slotBytes for records of one size or dataBytes for varying ones, not both');
  }
  const capacity = ceilPowerOfTwo(options.capacity);
  if (capacity * slotBytes > MAX_DATA_BYTES) {
    throw new RingError(
      'BAD_OPTION',
      `capacity ${capacity} × slotBytes ${slotBytes} is ${capacity * slotBytes} bytes; a ring holds ${MAX_DATA_BYTES} ` +
        `at most: give fewer or smaller records`,
    );
  }
  const data = dataBytes === 0 ? 0 : ceilPowerOfTwo(Math.max(dataBytes, 64));
  if (data > mostDataBytes(producers)) {
    throw new RingError(
      'BAD_OPTION',
      `dataBytes ${data} for each of ${producers} producers; a ring for so many takes ${mostDataBytes(producers)} at most: ` +
        `give fewer bytes or producers`,
    );
  }
  const skips =
    options.skips === undefined || options.skips === 0 ? 0 : Math.min(ceilPowerOfTwo(options.skips), capacity);
  const { states, bytes } = sections({ capacity, slotBytes, dataBytes: data, readers, producers, skips });
  const handle = createHandle(EVENT_RING, bytes, [capacity, slotBytes, data, readers, producers, skips]);
  const words = viewI32(handle.buffer);
  Cursor.init(words, CLAIMED_WORD, start);
  Cursor.init(words, FLOOR_WORD, start);
  Cursor.init(words, END_WORD, start);
  // A zeroed state would say "committed" of the first sequence that is a multiple of 2^31.
  if (producers > 1) {
    for (let i = 0; i < capacity; i++) words[states + ((start + i) & (capacity - 1))] = (start + i - capacity) << 1;
  }
  return handle;
}

export function openEventRing(handle: EventRingHandle): OpenEventRing {
  const words = openHandle(EVENT_RING, handle);
  const [capacity, slotBytes, dataBytes, readers, producers, skips] = [0, 1, 2, 3, 4, 5].map((i) =>
    parameter(words, i),
  ) as [number, number, number, number, number, number];
  const sizes = { capacity, slotBytes, dataBytes, readers, producers, skips };
  const { states, index, voids, data, totalDataBytes, bytes } = sections(sizes);
  expectBytes(EVENT_RING, words, bytes);
  return {
    words,
    memory: new Memory(handle.buffer, data, bytes - data),
    ...sizes,
    totalDataBytes,
    shared: producers > 1,
    states,
    index,
    voids,
  };
}

/** A view of the end of the ring, for a thread that looks records up and is neither producer nor reader. */
export const ringEnd = (ring: OpenEventRing): Cursor => new Cursor(ring.words, END_WORD);
