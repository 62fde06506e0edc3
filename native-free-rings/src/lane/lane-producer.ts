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
const { load, store, copyBytes } = atomics;
const {
  CONSUMER_SLEEP_WORD,
  HEAD_WORD,
  LANE_CAUSES,
  MAX_PAYLOAD_BYTES,
  openLane,
  PRODUCER_ATTACHED_WORD,
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
} = descriptor.LANE_ENTRY;

/** A sleeping producer that asks for more room than it needs asks for one part of so many of the records as well. */
const RECORDS_PART = 8;

/**
 * The producer's half of a lane: `tryClaim → fill → commit | abort`, then `publish` for many commits at once.
 *
 * A claim names the bytes it needs at least; it may use all up to `claimEnd`, so an output of unknown size is written in
 * place and its length told on commit. Nothing that was not published is ever seen by the consumer, whatever happens to
 * this thread.
 */
export class LaneProducer {
  /** Views over the payloads: where a claim is filled. */
  readonly memory: Memory;
  readonly capacity: number;
  /** Payload bytes of the largest record: half the capacity, so that a record fits wherever the wrap falls. */
  readonly maxPayloadBytes: number;
  /** Records that the lane holds at most. */
  readonly maxRecords: number;
  /** End of the open claim, in bytes of `memory`. */
  claimEnd = 0;
  /** The entries of the records, `LANE_ENTRY`: for a producer of many short ones, which fills them itself (`commitEntries`). */
  readonly index: Words;

  private readonly words: Words;
  private readonly mask: number;
  private readonly indexMask: number;
  private readonly align: number;
  private readonly sleeper: EventCount;
  private readonly consumer: EventCount;
  /** Records. All positions wrap at 2^32 like the shared words; only differences below 2^31 are ever looked at. */
  private tail: number;
  private published: number;
  private headCache: number;
  /** Bytes: where the next payload begins, and up to where they were given back. */
  private end: number;
  private given: number;
  /** Bytes: up to where free ones follow `end` without a wrap, as far as is known. */
  private windowEnd: number;
  private claimAt = -1;

  constructor(handle: LaneHandle, options?: { takeOver?: boolean }) {
    const lane = openLane(handle);
    attachOnce(lane.words, PRODUCER_ATTACHED_WORD, 'producer of this lane', options?.takeOver);
    this.words = lane.words;
    this.memory = lane.memory;
    this.index = lane.index;
    this.capacity = lane.capacity;
    this.mask = lane.capacity - 1;
    this.indexMask = lane.entries - 1;
    this.align = lane.align;
    this.maxPayloadBytes = lane.capacity >> 1;
    this.maxRecords = lane.entries - 1;
    this.sleeper = new EventCount(this.words, PRODUCER_SLEEP_WORD);
    this.consumer = new EventCount(this.words, CONSUMER_SLEEP_WORD);
    this.tail = load(this.words, TAIL_WORD);
    this.published = this.tail;
    this.headCache = load(this.words, HEAD_WORD);
    this.end = this.endBefore(this.tail);
    this.windowEnd = this.end;
    this.given = this.endBefore(this.headCache);
    if (options?.takeOver) {
      // The thread before may have died asleep, or between its last publish and the wake-up for it.
      this.sleeper.wakeAny();
      this.consumer.wakeAny();
    }
  }

  /** Claims room for at least `bytes` of payload. Returns its offset in `memory`, or -1 when the lane is full. */
  tryClaim(bytes: number): number {
    if (this.claimAt >= 0) throw new RingError('ALREADY_CLAIMED', 'commit or abort the open claim first');
    if (!(bytes >= 0 && bytes <= this.maxPayloadBytes)) throw this.tooLarge(bytes);
    if (!this.hasEntry()) return -1;
    const need = this.aligned(bytes);
    let room = (this.windowEnd - this.end) | 0;
    // Equal as well: a claim of no bytes gets what room there is.
    if (room <= need) {
      if (!this.openWindow(need)) return -1;
      room = (this.windowEnd - this.end) | 0;
    }
    this.claimAt = this.end & this.mask;
    this.claimEnd = this.claimAt + room;
    return this.claimAt;
  }

  /**
   * Makes the open claim, of which `filled` bytes are in use, large enough for `bytes` more, by moving what is filled behind
   * the wrap if need be. Returns where the claim begins, or -1 when the lane is full: then it is as it was.
   */
  growClaim(filled: number, bytes: number): number {
    if (this.claimAt < 0) throw new RingError('NOTHING_CLAIMED', 'growClaim follows a successful tryClaim');
    if (!(filled >= 0 && filled <= this.claimEnd - this.claimAt)) throw this.tooMuch(filled);
    if (!(bytes >= 0 && filled + bytes <= this.maxPayloadBytes)) throw this.tooLarge(filled + bytes);
    const need = this.aligned(filled + bytes);
    const from = this.claimAt;
    this.loadHead();
    if (!this.openWindow(need)) return -1;
    this.claimAt = this.end & this.mask;
    this.claimEnd = this.claimAt + ((this.windowEnd - this.end) | 0);
    if (this.claimAt !== from && filled > 0) copyBytes(this.memory.u8, this.claimAt, this.memory.u8, from, filled);
    return this.claimAt;
  }

  /** Ends the claim with `bytes` of payload, at most up to `claimEnd`. The record waits for `publish`. `flags`: 0 to 3. */
  commit(bytes: number, sequence: number, count: number, flags: number): void {
    this.commitAndClaim(bytes, sequence, count, flags);
    this.claimAt = -1;
  }

  /**
   * Commits, and opens the next claim right behind, in what is left of this claim's room: returns its offset, as `tryClaim(0)`
   * would at less cost, or -1 where nothing is left of it, or of the entries as far as is known. Then `tryClaim` looks further.
   */
  commitAndClaim(bytes: number, sequence: number, count: number, flags: number): number {
    const at = this.claimAt;
    if (at < 0 || !(bytes >= 0 && bytes <= this.claimEnd - at) || flags >>> FLAG_BITS !== 0)
      throw this.noCommit(bytes, flags);
    const { index } = this;
    const entry = (this.tail & this.indexMask) << ENTRY_SHIFT;
    const size = (bytes + this.align - 1) & -this.align;
    index[entry + SEQUENCE_WORD] = sequence;
    index[entry + BEGIN_WORD] = this.end;
    index[entry + SIZE_WORD] = (bytes << FLAG_BITS) | flags;
    index[entry + COUNT_WORD] = count;
    this.tail = (this.tail + 1) | 0;
    this.end = (this.end + size) | 0;
    const next = at + size;
    const isOver = next >= this.claimEnd || ((this.tail - this.headCache) | 0) >= this.maxRecords;
    this.claimAt = isOver ? -1 : next;
    return this.claimAt;
  }

  /** Where the next record's entry is in `index`. */
  peekEntry(): number {
    return (this.tail & this.indexMask) << ENTRY_SHIFT;
  }

  /** So many entries from there on may be filled before `commitEntries`: they follow one another, and leave one for the open claim. */
  peekEntryRoom(): number {
    return Math.min(this.peekEntries() - 1, this.indexMask + 1 - (this.tail & this.indexMask));
  }

  /** What an entry has as the begin of a record at the begin of the open claim. */
  peekBegin(): number {
    return this.end;
  }

  /**
   * Commits records whose entries the producer has filled from `peekEntry` on, `peekEntryRoom` of them at most. Their payloads lie
   * back to back from the begin of the open claim on: `bytes` of them, aligned, and less than the claim has. Returns where the claim
   * begins now.
   */
  commitEntries(records: number, bytes: number): number {
    if (this.claimAt < 0 || !(bytes >= 0 && bytes < this.claimEnd - this.claimAt)) throw this.noCommit(bytes, 0);
    this.tail = (this.tail + records) | 0;
    this.end = (this.end + bytes) | 0;
    this.claimAt += bytes;
    return this.claimAt;
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
    // Its entry is still there, and an open claim may have moved `end` behind the wrap.
    this.end = this.endBefore(this.published);
    this.windowEnd = this.end;
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

  /** Committed records that `publish` has not shown yet. */
  peekUnpublished(): number {
    return (this.tail - this.published) | 0;
  }

  /** Position behind the last committed record: what `publish` stores. */
  peekTail(): number {
    return this.tail;
  }

  /** The part of the lane, from 0 to 1, that the consumer has not released, in bytes or in records, as far as this side knows. */
  peekUsed(): number {
    const bytes = ((this.end - this.given) | 0) / this.capacity;
    const records = ((this.tail - this.headCache) | 0) / this.maxRecords;
    return Math.max(bytes, records);
  }

  /** The part that the consumer has not released. */
  loadUsed(): number {
    this.loadHead();
    return this.peekUsed();
  }

  /**
   * Head from which on a claim of `bytes` (of an open claim: that it grows to `bytes`) succeeds with at least `roomBytes` free:
   * what a sleeping producer waits for. With `roomBytes`, an eighth of the entries is free as well. Publish first: a consumer
   * gives nothing back that it has not seen, and the head that is returned is never beyond what is published.
   */
  wantedHead(bytes: number, roomBytes: number): number {
    const wanted = this.wantedGiven(bytes, roomBytes);
    const records = roomBytes > 0 ? Math.ceil(this.maxRecords / RECORDS_PART) : 1;
    const least = (this.tail - this.maxRecords + records) | 0;
    // The first head from `least` on at which so many bytes are given back: they are more at each.
    let high = (this.published - this.headCache) | 0;
    let low = Math.min(Math.max((least - this.headCache) | 0, 0), high);
    while (low < high) {
      const middle = (low + high) >> 1;
      const given = this.endBefore((this.headCache + middle) | 0);
      if (((given - wanted) | 0) >= 0) high = middle;
      else low = middle + 1;
    }
    return (this.headCache + low) | 0;
  }

  /** True when a claim of `bytes`, or the growth of the open one to that, would succeed now. Looks at the shared head if it has to. */
  hasRoom(bytes: number): boolean {
    const wanted = this.wantedGiven(bytes, 0);
    if (this.peekEntries() > 0 && ((this.given - wanted) | 0) >= 0) return true;
    this.loadHead();
    return this.peekEntries() > 0 && ((this.given - wanted) | 0) >= 0;
  }

  /**
   * Publishes, then blocks until a claim of `bytes` succeeds. Asleep, it is woken once a quarter of the bytes and an eighth of
   * the entries are free: a consumer releases all it has read before it sleeps itself.
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

  /** Position of bytes up to which they have to be given back for `bytes` in one piece, and for `roomBytes` in all. */
  private wantedGiven(bytes: number, roomBytes: number): number {
    const toWrap = this.capacity - (this.end & this.mask);
    const need = this.aligned(bytes);
    const least = need > toWrap ? need + toWrap : need;
    return (this.end - this.capacity + Math.min(Math.max(least, roomBytes), this.capacity)) | 0;
  }

  /** Where the payload of the record before position `record` ends. Its entry is still there for records from the head on. */
  private endBefore(record: number): number {
    const entry = ((record - 1) & this.indexMask) << ENTRY_SHIFT;
    return (this.index[entry + BEGIN_WORD]! + this.aligned(this.index[entry + SIZE_WORD]! >>> FLAG_BITS)) | 0;
  }

  private peekEntries(): number {
    return this.maxRecords - ((this.tail - this.headCache) | 0);
  }

  private hasEntry(): boolean {
    if (this.peekEntries() > 0) return true;
    this.loadHead();
    return this.peekEntries() > 0;
  }

  private loadHead(): void {
    const head = load(this.words, HEAD_WORD);
    if (head === this.headCache) return;
    this.headCache = head;
    this.given = this.endBefore(head);
  }

  /** Finds `need` contiguous free bytes, behind the wrap if there is no room before it. False when the lane is full. */
  private openWindow(need: number): boolean {
    const toWrap = this.capacity - (this.end & this.mask);
    const skip = need > toWrap ? toWrap : 0;
    let free = this.capacity - ((this.end - this.given) | 0);
    if (free < need + skip) {
      this.loadHead();
      free = this.capacity - ((this.end - this.given) | 0);
      if (free < need + skip) return false;
    }
    this.end = (this.end + skip) | 0;
    const window = skip > 0 ? free - skip : Math.min(free, toWrap);
    this.windowEnd = (this.end + Math.min(window, MAX_PAYLOAD_BYTES)) | 0;
    return true;
  }

  private aligned(bytes: number): number {
    return (bytes + this.align - 1) & -this.align;
  }

  private noCommit(bytes: number, flags: number): RingError {
    if (this.claimAt < 0) return new RingError('NOTHING_CLAIMED', 'commit follows a successful tryClaim, once');
    if (flags >>> FLAG_BITS === 0) return this.tooMuch(bytes);
    return new RingError('TOO_LARGE', `flags are ${flags}; a record has room for 0 to 3`);
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
        `capacityBytes ${2 * bytes} or more`,
    );
  }
}
