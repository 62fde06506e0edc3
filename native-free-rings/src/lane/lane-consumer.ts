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
 * checked at each use. With it, and the writer's, a record costs the writer a fifth less (2026-11-29, Node 20.20).
 */
const { load, store } = atomics;
const {
  alignRecord,
  CONSUMER_ATTACHED_WORD,
  CONSUMER_SLEEP_WORD,
  COUNT_WORD,
  FLAGS_WORD,
  HEAD_WORD,
  LANE_CAUSES,
  LENGTH_WORD,
  openLane,
  PADDING,
  PRODUCER_SLEEP_WORD,
  RECORD_HEADER_BYTES,
  SEQUENCE_WORD,
  TAIL_WORD,
} = descriptor;

/** The consumer's half of a lane: `next → read in place → release`, one release for many records. */
export class LaneConsumer {
  /** Views over the lane's data: where the current record is read. */
  readonly memory: Memory;
  readonly capacity: number;

  /** The current record: payload offset and length in bytes of `memory`, and the three words its producer gave. */
  offset = 0;
  length = 0;
  sequence = 0;
  count = 0;
  flags = 0;

  private readonly words: Words;
  private readonly data: Words;
  private readonly mask: number;
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
    this.data = lane.memory.i32;
    this.capacity = lane.capacity;
    this.mask = lane.capacity - 1;
    this.sleeper = new EventCount(this.words, CONSUMER_SLEEP_WORD);
    this.producer = new EventCount(this.words, PRODUCER_SLEEP_WORD);
    this.head = load(this.words, HEAD_WORD);
    this.released = this.head;
    this.tailCache = this.head;
    // The thread before may have died between its last release and the wake-up for it.
    if (options?.takeOver) this.producer.wakeAny();
  }

  /** Moves to the next record. False when there is none; the current record then stays what it was. */
  next(): boolean {
    for (;;) {
      if (this.head === this.tailCache && !this.loadTail()) return false;
      const index = this.head & this.mask;
      const toWrap = this.capacity - index;
      // A rest too short for a header is so rare that the engine, when it compiles the user's loop around this, has not seen
      // it, and had to compile anew: so there is nothing that is done for it alone.
      const rest = toWrap < RECORD_HEADER_BYTES ? toWrap : 0;
      this.head = (this.head + rest) | 0;
      if (rest > 0) continue;
      const header = index >> 2;
      const length = this.data[header + LENGTH_WORD]!;
      const flags = this.data[header + FLAGS_WORD]!;
      this.head = (this.head + RECORD_HEADER_BYTES + alignRecord(length)) | 0;
      if (flags === PADDING) continue;
      this.offset = index + RECORD_HEADER_BYTES;
      this.length = length;
      this.sequence = this.data[header + SEQUENCE_WORD]!;
      this.count = this.data[header + COUNT_WORD]!;
      this.flags = flags;
      return true;
    }
  }

  /** Gives the memory of all records up to and with the current one back to the producer. Wakes nobody. */
  release(): void {
    if (this.released === this.head) return;
    this.released = this.head;
    store(this.words, HEAD_WORD, this.head);
  }

  /** The same for the records in front of the current one, which is still being read. */
  releaseBefore(): void {
    const position = this.peekRecordPosition();
    if (((position - this.released) | 0) <= 0) return;
    this.released = position;
    store(this.words, HEAD_WORD, position);
  }

  /** Wakes the producer if it sleeps for room and there is enough of it now. */
  wakeProducer(): boolean {
    return this.producer.wake(LANE_CAUSES.room, this.released);
  }

  /** Bytes of records that were read and not yet released. */
  peekUnreleasedBytes(): number {
    return (this.head - this.released) | 0;
  }

  /** Position up to which this side has released: what a producer's `wantedHead` is compared with. */
  peekReleased(): number {
    return this.released;
  }

  /** Position behind the current record: what `release` stores, and where a successor may go on by `skipTo`. */
  peekPosition(): number {
    return this.head;
  }

  /** Position of the current record. Valid once `next` returned true. */
  peekRecordPosition(): number {
    return (this.head - RECORD_HEADER_BYTES - alignRecord(this.length)) | 0;
  }

  /**
   * Goes on at `position`, which a consumer before this one had read up to: records in front of it were dealt with, and are
   * given back by the next `release`. For a successor whose predecessor noted how far it came before it released.
   */
  skipTo(position: number): void {
    this.head = position | 0;
    this.tailCache = load(this.words, TAIL_WORD);
  }

  /** True when there is something behind the current record (a record, or padding in front of one). */
  hasNext(): boolean {
    return this.head !== this.tailCache || this.loadTail();
  }

  /** Releases, then blocks until there is a record (or padding in front of one: so call `next` again in a loop). */
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

  private loadTail(): boolean {
    this.tailCache = load(this.words, TAIL_WORD);
    return this.tailCache !== this.head;
  }
}
