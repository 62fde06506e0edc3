import type { Words } from '#atomics';
import * as atomics from '#atomics';
import { attachOnce } from '../attach.ts';
import { EventCount } from '../eventcount.ts';
import type { Memory } from '../memory.ts';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import type { LaneHandle } from './lane-descriptor.ts';
import * as descriptor from './lane-descriptor.ts';

/**
 * The module's own: V8 takes a constant of the module for what it is, where one that is imported or exported is loaded and
 * checked at each use.
 */
const { load, store } = atomics;
const {
  CONSUMER_ATTACHED_WORD,
  CONSUMER_SLEEP_WORD,
  HEAD_WORD,
  LANE_CAUSES,
  openLane,
  PRODUCER_SLEEP_WORD,
  TAIL_WORD,
} = descriptor;
const {
  shift: ENTRY_SHIFT,
  sequence: SEQUENCE_WORD,
  begin: BEGIN_WORD,
  size: SIZE_WORD,
  count: COUNT_WORD,
  flagBits: FLAG_BITS,
  flagMask: FLAG_MASK,
} = descriptor.LANE_ENTRY;

/** The consumer's half of a lane: `next → read in place → release`, one release for many records. */
export class LaneConsumer {
  /** Views over the lane's payloads: where the current record is read. */
  readonly memory: Memory;
  readonly capacity: number;
  /** Records that the lane holds at most. */
  readonly maxRecords: number;
  /** The entries of the records, four words each, for a reader of many at once: that of record r is at (r & indexMask) << 2. */
  readonly index: Words;
  readonly indexMask: number;

  /** The current record: payload offset and length in bytes of `memory`, and what its producer gave: two words and two bits. */
  offset = 0;
  length = 0;
  sequence = 0;
  count = 0;
  flags = 0;

  private readonly words: Words;
  private readonly mask: number;
  private readonly align: number;
  private readonly sleeper: EventCount;
  private readonly producer: EventCount;
  private head: number;
  private released: number;
  private tailCache: number;

  constructor(handle: LaneHandle, options?: { takeOver?: boolean }) {
    const lane = openLane(handle);
    attachOnce(lane.words, CONSUMER_ATTACHED_WORD, 'consumer of this lane', options?.takeOver);
    this.words = lane.words;
    this.memory = lane.memory;
    this.index = lane.index;
    this.indexMask = lane.entries - 1;
    this.capacity = lane.capacity;
    this.maxRecords = lane.entries - 1;
    this.mask = lane.capacity - 1;
    this.align = lane.align;
    this.sleeper = new EventCount(this.words, CONSUMER_SLEEP_WORD);
    this.producer = new EventCount(this.words, PRODUCER_SLEEP_WORD);
    this.head = load(this.words, HEAD_WORD);
    this.released = this.head;
    this.tailCache = this.head;
    if (options?.takeOver) {
      // The thread before may have died asleep, or between its last release and the wake-up for it.
      this.sleeper.wakeAny();
      this.producer.wakeAny();
    }
  }

  /** Moves to the next record. False when there is none; the current record then stays what it was. */
  next(): boolean {
    if (this.head === this.tailCache && !this.loadTail()) return false;
    this.read(this.head);
    this.head = (this.head + 1) | 0;
    return true;
  }

  /** Shows the record at `position`, which `next` has passed or will, without moving. */
  read(position: number): void {
    const entry = (position & this.indexMask) << ENTRY_SHIFT;
    const size = this.index[entry + SIZE_WORD]!;
    this.offset = this.index[entry + BEGIN_WORD]! & this.mask;
    this.length = size >>> FLAG_BITS;
    this.sequence = this.index[entry + SEQUENCE_WORD]!;
    this.count = this.index[entry + COUNT_WORD]!;
    this.flags = size & FLAG_MASK;
  }

  /** Gives the memory of all records up to and with the current one back to the producer. Wakes nobody. */
  release(): void {
    this.releaseTo(this.head);
  }

  /** The same for the records in front of `position`, which `next` or `moveTo` has reached. */
  releaseTo(position: number): void {
    if (((position - this.released) | 0) <= 0) return;
    this.released = position | 0;
    store(this.words, HEAD_WORD, position);
  }

  /** Wakes the producer if it sleeps for room and there is enough of it now. */
  wakeProducer(): boolean {
    return this.producer.wake(LANE_CAUSES.room, this.released);
  }

  /** The part of the lane, from 0 to 1, that was read and is not released, in bytes or in records. */
  peekUnreleased(): number {
    const records = (this.head - this.released) | 0;
    if (records === 0) return 0;
    const bytes = ((this.endBefore(this.head) - this.endBefore(this.released)) | 0) / this.capacity;
    return Math.max(bytes, records / this.maxRecords);
  }

  /** Position up to which this side has released: what a producer's `wantedHead` is compared with. */
  peekReleased(): number {
    return this.released;
  }

  /** Position behind the current record: what `release` stores, and where a successor may go on by `skipTo`. */
  peekPosition(): number {
    return this.head;
  }

  /** Position behind the last record that is known to be there. */
  peekTail(): number {
    return this.tailCache;
  }

  /** Passes all records in front of `position`, which are there. */
  moveTo(position: number): void {
    this.head = position | 0;
  }

  /**
   * Goes on at `position`, which a consumer before this one had read up to: records in front of it were dealt with, and are
   * given back by the next `release`. For a successor whose predecessor noted how far it came before it released.
   */
  skipTo(position: number): void {
    this.head = position | 0;
    this.tailCache = load(this.words, TAIL_WORD);
  }

  /** True when there is a record behind the current one. */
  hasNext(): boolean {
    return this.head !== this.tailCache || this.loadTail();
  }

  /** Releases, then blocks until there is a record. */
  waitForRecord(strategy: WaitStrategy): void {
    this.release();
    this.wakeProducer();
    waitUntil(() => this.hasNext(), strategy, this.sleeper, LANE_CAUSES.records, (this.head + 1) | 0);
  }

  /** The same without blocking, for the main thread. */
  async waitForRecordAsync(): Promise<void> {
    this.release();
    this.wakeProducer();
    await waitUntilAsync(() => this.hasNext(), this.sleeper, LANE_CAUSES.records, (this.head + 1) | 0);
  }

  /** Looks for records behind those that are known; false when there is none behind the current one. */
  loadTail(): boolean {
    this.tailCache = load(this.words, TAIL_WORD);
    return this.tailCache !== this.head;
  }

  /** Where the payload of the record before position `record` ends, from the released ones on. */
  private endBefore(record: number): number {
    const entry = ((record - 1) & this.indexMask) << ENTRY_SHIFT;
    const bytes = this.index[entry + SIZE_WORD]! >>> FLAG_BITS;
    return (this.index[entry + BEGIN_WORD]! + ((bytes + this.align - 1) & -this.align)) | 0;
  }
}
