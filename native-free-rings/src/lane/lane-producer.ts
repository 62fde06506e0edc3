import type { Words } from '#atomics';
import * as atomics from '#atomics';
import { attachOnce } from '../attach.ts';
import { RingError } from '../errors.ts';
import { EventCount } from '../eventcount.ts';
import type { Memory } from '../memory.ts';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import type { LaneHandle } from './lane-descriptor.ts';
import * as descriptor from './lane-descriptor.ts';

/** The module's own, for the sake of speed: see lane-consumer.ts. */
const { load, store } = atomics;
const {
  alignRecord,
  CONSUMER_SLEEP_WORD,
  COUNT_WORD,
  FLAGS_WORD,
  HEAD_WORD,
  LANE_CAUSES,
  LENGTH_WORD,
  openLane,
  PADDING,
  PRODUCER_ATTACHED_WORD,
  PRODUCER_SLEEP_WORD,
  RECORD_HEADER_BYTES,
  SEQUENCE_WORD,
  TAIL_WORD,
} = descriptor;

/**
 * The producer's half of a lane: `tryClaim → fill → commit | abort`, then `publish` for many commits at once.
 *
 * A claim names the bytes it needs at least; it may use all up to `claimEnd`, so an output of unknown size is written in
 * place and its length told on commit. Nothing that was not published is ever seen by the consumer, whatever happens to
 * this thread.
 */
export class LaneProducer {
  /** Views over the lane's data: where a claim is filled. */
  readonly memory: Memory;
  readonly capacity: number;
  /** Payload bytes of the largest record: half the capacity, so that a record fits wherever the wrap falls. */
  readonly maxPayloadBytes: number;
  /** End of the open claim, in bytes of `memory`. */
  claimEnd = 0;

  private readonly words: Words;
  private readonly data: Words;
  private readonly mask: number;
  private readonly sleeper: EventCount;
  private readonly consumer: EventCount;
  /** Positions wrap at 2^32 like the shared words; only differences below 2^31 are ever looked at. */
  private tail: number;
  private published: number;
  private headCache: number;
  /** Position up to which free bytes follow the tail without a wrap, as far as is known. */
  private windowEnd: number;
  private claimAt = -1;

  constructor(handle: LaneHandle, options?: { takeOver?: boolean }) {
    const lane = openLane(handle);
    attachOnce(lane.words, PRODUCER_ATTACHED_WORD, 'producer of this lane', options?.takeOver);
    this.words = lane.words;
    this.memory = lane.memory;
    this.data = lane.memory.i32;
    this.capacity = lane.capacity;
    this.mask = lane.capacity - 1;
    this.maxPayloadBytes = (lane.capacity >> 1) - RECORD_HEADER_BYTES;
    this.sleeper = new EventCount(this.words, PRODUCER_SLEEP_WORD);
    this.consumer = new EventCount(this.words, CONSUMER_SLEEP_WORD);
    this.tail = load(this.words, TAIL_WORD);
    this.published = this.tail;
    this.windowEnd = this.tail;
    this.headCache = load(this.words, HEAD_WORD);
    // The thread before may have died between its last publish and the wake-up for it.
    if (options?.takeOver) this.consumer.wakeAny();
  }

  /** Claims room for at least `bytes` of payload. Returns its offset in `memory`, or -1 when the lane is full. */
  tryClaim(bytes: number): number {
    if (this.claimAt >= 0) throw new RingError('ALREADY_CLAIMED', 'commit or abort the open claim first');
    if (!(bytes >= 0 && bytes <= this.maxPayloadBytes)) throw this.tooLarge(bytes);
    const need = RECORD_HEADER_BYTES + alignRecord(bytes);
    let room = (this.windowEnd - this.tail) | 0;
    if (room < need) {
      if (!this.openWindow(need)) return -1;
      room = (this.windowEnd - this.tail) | 0;
    }
    const index = this.tail & this.mask;
    this.claimAt = index + RECORD_HEADER_BYTES;
    this.claimEnd = index + room;
    return this.claimAt;
  }

  /** Ends the claim with `bytes` of payload, at most up to `claimEnd`. The record waits for `publish`. */
  commit(bytes: number, sequence: number, count: number, flags: number): void {
    const at = this.claimAt;
    if (at < 0) throw new RingError('NOTHING_CLAIMED', 'commit follows a successful tryClaim, once');
    if (!(bytes >= 0 && bytes <= this.claimEnd - at)) throw this.tooMuch(bytes);
    const header = (at - RECORD_HEADER_BYTES) >> 2;
    this.data[header + LENGTH_WORD] = bytes;
    this.data[header + SEQUENCE_WORD] = sequence;
    this.data[header + COUNT_WORD] = count;
    this.data[header + FLAGS_WORD] = flags;
    this.tail = (this.tail + RECORD_HEADER_BYTES + alignRecord(bytes)) | 0;
    this.claimAt = -1;
  }

  /**
   * Commits, and opens the next claim right behind, where this claim's room has bytes left for it: returns its offset, as
   * `tryClaim(0)` would at less cost, or -1 where `tryClaim` has to look for room.
   */
  commitAndClaim(bytes: number, sequence: number, count: number, flags: number): number {
    const next = this.claimAt + alignRecord(bytes) + RECORD_HEADER_BYTES;
    this.commit(bytes, sequence, count, flags);
    if (next > this.claimEnd) return -1;
    this.claimAt = next;
    return next;
  }

  /** Gives the claim back as if it had not been. */
  abort(): void {
    if (this.claimAt < 0) throw new RingError('NOTHING_CLAIMED', 'abort follows a successful tryClaim, once');
    this.claimAt = -1;
  }

  /** Takes back an open claim and all that was committed since the last `publish`: nobody has seen it. */
  rollback(): void {
    this.claimAt = -1;
    this.tail = this.published;
    this.windowEnd = this.tail;
  }

  /** Makes all committed records visible. Wakes nobody: `wakeConsumer` does. */
  publish(): void {
    if (this.published === this.tail) return;
    this.published = this.tail;
    store(this.words, TAIL_WORD, this.tail);
  }

  /** Wakes the consumer if it sleeps for records; one atomic load when it does not. */
  wakeConsumer(): boolean {
    return this.consumer.wake(LANE_CAUSES.records, this.published);
  }

  /** Committed bytes that `publish` has not shown yet. */
  peekUnpublishedBytes(): number {
    return (this.tail - this.published) | 0;
  }

  /** Position behind the last committed record: what `publish` stores. */
  peekTail(): number {
    return this.tail;
  }

  /** Bytes that the consumer has not released, as far as this side knows. At most this much is in use. */
  peekUsedBytes(): number {
    return (this.tail - this.headCache) | 0;
  }

  /** Bytes that the consumer has not released. */
  loadUsedBytes(): number {
    this.headCache = load(this.words, HEAD_WORD);
    return (this.tail - this.headCache) | 0;
  }

  /** Head from which on a claim of `bytes` succeeds with at least `roomBytes` free: what a sleeping producer waits for. */
  wantedHead(bytes: number, roomBytes: number): number {
    const toWrap = this.capacity - (this.tail & this.mask);
    const need = RECORD_HEADER_BYTES + alignRecord(bytes);
    const least = need > toWrap ? need + toWrap : need;
    return (this.tail - this.capacity + Math.min(Math.max(least, roomBytes), this.capacity)) | 0;
  }

  /** True when a claim of `bytes` would succeed now. Looks at the shared head if it has to. */
  hasRoom(bytes: number): boolean {
    const wanted = this.wantedHead(bytes, 0);
    if (((this.headCache - wanted) | 0) >= 0) return true;
    this.headCache = load(this.words, HEAD_WORD);
    return ((this.headCache - wanted) | 0) >= 0;
  }

  /**
   * Publishes, then blocks until a claim of `bytes` succeeds. Asleep, it is woken once a quarter of the lane is free: a
   * consumer releases all it has read before it sleeps itself.
   */
  waitForRoom(bytes: number, strategy: WaitStrategy): void {
    const wanted = this.publishAndWant(bytes);
    waitUntil(() => this.hasRoom(bytes), strategy, this.sleeper, LANE_CAUSES.room, wanted);
  }

  /** The same without blocking, for the main thread. */
  async waitForRoomAsync(bytes: number): Promise<void> {
    const wanted = this.publishAndWant(bytes);
    await waitUntilAsync(() => this.hasRoom(bytes), this.sleeper, LANE_CAUSES.room, wanted);
  }

  private publishAndWant(bytes: number): number {
    if (this.claimAt >= 0) throw new RingError('ALREADY_CLAIMED', 'commit or abort the open claim first');
    if (!(bytes >= 0 && bytes <= this.maxPayloadBytes)) throw this.tooLarge(bytes);
    this.publish();
    this.wakeConsumer();
    return this.wantedHead(bytes, this.capacity >> 2);
  }

  /** Finds `need` contiguous free bytes, behind the wrap if there is no room before it. False when the lane is full. */
  private openWindow(need: number): boolean {
    const index = this.tail & this.mask;
    const toWrap = this.capacity - index;
    const skip = need > toWrap ? toWrap : 0;
    let free = this.capacity - ((this.tail - this.headCache) | 0);
    if (free < need + skip) {
      this.headCache = load(this.words, HEAD_WORD);
      free = this.capacity - ((this.tail - this.headCache) | 0);
      if (free < need + skip) return false;
    }
    if (skip > 0) this.pad(index, skip);
    this.windowEnd = (this.tail + (skip > 0 ? free - skip : Math.min(free, toWrap))) | 0;
    return true;
  }

  private pad(index: number, bytes: number): void {
    if (bytes >= RECORD_HEADER_BYTES) {
      this.data[(index >> 2) + LENGTH_WORD] = bytes - RECORD_HEADER_BYTES;
      this.data[(index >> 2) + FLAGS_WORD] = PADDING;
    }
    this.tail = (this.tail + bytes) | 0;
  }

  private tooMuch(bytes: number): RingError {
    return new RingError(
      'TOO_LARGE',
      `commit of ${bytes} bytes; this claim takes ${this.claimEnd - this.claimAt}: fill no further than claimEnd`,
    );
  }

  private tooLarge(bytes: number): RingError {
    return new RingError(
      'TOO_LARGE',
      `a record of ${bytes} bytes; this lane takes ${this.maxPayloadBytes} at most: create it with ` +
        `capacityBytes ${2 * (alignRecord(bytes) + RECORD_HEADER_BYTES)} or more`,
    );
  }
}
