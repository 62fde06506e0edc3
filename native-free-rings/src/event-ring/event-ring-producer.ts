import { compareExchange, load, store, type Words } from '#atomics';
import { Cursor } from '../cursor.ts';
import { RingError } from '../errors.ts';
import { EventCount } from '../eventcount.ts';
import { Lock } from '../lock.ts';
import type { Memory } from '../memory.ts';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import { mayNotClaim, nothingClaimed, tooLarge, tooMany, tooMuch } from './claim-errors.ts';
import { DataSpace } from './data-space.ts';
import {
  CLAIMED_WORD,
  CLOSED_WORD,
  END_WORD,
  type EventRingHandle,
  FLOOR_WORD,
  LOCK_WORD,
  type OpenEventRing,
  openEventRing,
  type PlaceOwner,
  PRODUCER_ATTACHED,
  PRODUCER_FREE,
  PRODUCER_SLEEP,
  PRODUCER_TAKEN,
  PRODUCER_TASK,
  placeWord,
  producerLine,
  READER_SLEEP,
  RING_CAUSES,
  readerLine,
  VOID_LENGTH,
} from './event-ring-descriptor.ts';
import { slowestBehind } from './gate.ts';

/** What `tryClaim` returns when there is no room, or (shared rings) when another producer holds the lock just now. */
export const FULL = -1;

/** What a method returns that does not wait for the lock of a shared ring, when another producer holds it just now. */
export const BUSY = -1;

const never = (): boolean => false;

const GONE = -1;

/**
 * A producer of an event ring: `tryClaim → fill → commit | abort`, then `publish` for many commits at once.
 *
 * In a shared ring the words of the producers belong to whoever holds the lock: claims and publishes take it, filling
 * does not. Records become visible in sequence order, so one that is claimed and not committed holds back those after it,
 * for good if its thread ended meanwhile: end a thread after `detach`, or start over with a new ring.
 */
export class EventRingProducer {
  /** Views over the ring's data: where a claim is filled. */
  readonly memory: Memory;
  readonly capacity: number;
  readonly slotBytes: number;
  readonly shared: boolean;
  /** Payload bytes of the largest record. */
  readonly maxRecordBytes: number;
  /** Variable length: where the open claim begins and how far it may be filled, in bytes of `memory`. */
  claimOffset = 0;
  claimEnd = 0;

  private readonly words: Words;
  private readonly ring: OpenEventRing;
  private readonly end: Cursor;
  private readonly floor: Cursor;
  private readonly claimed: Cursor;
  private readonly lock: Lock;
  private readonly space: DataSpace;
  private readonly attached: number;
  private readonly sleeper: EventCount;
  private readonly readers: EventCount[] = [];
  /** Single producer: end of what is committed. */
  private next: number;
  private gateCache: number;
  private claimBegin = 0;
  /** Records of the open claim, 0 when none is open, GONE after `detach`. */
  private claimCount = 0;
  private readonly maxClaim: number;

  /**
   * `takeOver`: for a ring with one producer, whose thread has ended. What it had not published is lost.
   * `owner`, `task`: of this thread, so that its place can be freed after its death (`freePlace`).
   */
  constructor(handle: EventRingHandle, options: { takeOver?: boolean } & PlaceOwner = {}) {
    const ring = openEventRing(handle);
    this.ring = ring;
    this.words = ring.words;
    this.memory = ring.memory;
    this.capacity = ring.capacity;
    this.slotBytes = ring.slotBytes;
    this.shared = ring.shared;
    this.space = new DataSpace(ring);
    this.maxRecordBytes = ring.dataBytes > 0 ? this.space.maxBytes : ring.slotBytes;
    this.maxClaim = ring.dataBytes > 0 ? 1 : ring.capacity;
    const line = this.attach(options.takeOver === true && !ring.shared, options);
    this.attached = line + PRODUCER_ATTACHED;
    this.sleeper = new EventCount(this.words, line + PRODUCER_SLEEP);
    for (let i = 0; i < ring.readers; i++) this.readers.push(new EventCount(this.words, readerLine(i) + READER_SLEEP));
    this.end = new Cursor(this.words, END_WORD);
    this.floor = new Cursor(this.words, FLOOR_WORD);
    this.claimed = new Cursor(this.words, CLAIMED_WORD);
    this.lock = new Lock(this.words, LOCK_WORD, options.owner);
    this.next = this.end.peek();
    this.gateCache = this.floor.peek();
  }

  /** Claims `count` consecutive records (variable length: one). Returns the first sequence, or FULL. */
  tryClaim(count = 1): number {
    if (!(count >= 1 && count <= this.maxClaim)) throw tooMany(count, this.maxClaim);
    return this.claimUnderLock(count, 0);
  }

  /** Variable length: claims one record of at least `bytes`, to be filled from `claimOffset` up to `claimEnd`. */
  tryClaimBytes(bytes: number): number {
    if (!(bytes >= 0 && bytes <= this.maxRecordBytes)) throw tooLarge(bytes, this.maxRecordBytes);
    return this.claimUnderLock(1, bytes);
  }

  /** Byte offset of a claimed record's slot in `memory`. */
  offsetOf(sequence: number): number {
    return (sequence & (this.capacity - 1)) * this.slotBytes;
  }

  /** True from a claim to its commit or abort. */
  hasOpenClaim(): boolean {
    return this.claimCount > 0;
  }

  /** Ends the claim. `bytes` is the length of a record of varying length. The records wait for `publish`. */
  commit(bytes = 0): void {
    this.settle(bytes, false);
  }

  /**
   * Gives the claim back. In a shared ring its sequences may already have successors: they are then published as void,
   * and readers pass over them.
   */
  abort(): void {
    if (this.claimCount <= 0) throw nothingClaimed('abort');
    if (this.shared) this.settle(0, true);
    else this.claimCount = 0;
  }

  /**
   * Makes committed records visible and wakes the readers that wait for them. Returns how many became visible: in a shared
   * ring that may be none (an earlier claim is still open) or more than this producer's own. A shared ring blocks this
   * thread while another one holds its lock, until `stopped` is true (whoever made it so calls `wakeRing`).
   */
  publish(stopped: () => boolean = never): number {
    if (!this.shared) return this.publishOwn();
    return this.lock.acquire(stopped) ? this.publishShared() : 0;
  }

  /** The same for a thread that must not block: BUSY where another producer holds the lock. Call it again, or `publishAsync`. */
  tryPublish(): number {
    if (!this.shared) return this.publishOwn();
    return this.lock.tryAcquire() ? this.publishShared() : BUSY;
  }

  /** The same, without blocking, when the lock is free. */
  async publishAsync(stopped: () => boolean = never): Promise<number> {
    if (!this.shared) return this.publishOwn();
    return (await this.lock.acquireAsync(stopped)) ? this.publishShared() : 0;
  }

  /** The next sequence that this producer would claim, as far as it knows without looking. */
  peekNext(): number {
    return this.next;
  }

  /** The end of the ring after this producer's last `publish`. */
  peekEnd(): number {
    return this.end.peek();
  }

  /**
   * Publishes, says that nothing more will be claimed, by any producer, and wakes the readers that wait. Returns the
   * sequence at which the ring ends: in a shared ring, records that were claimed before may still be on their way.
   */
  close(): number {
    if (this.shared) this.lock.acquire();
    return this.closeNow();
  }

  /** The same for a thread that must not block: BUSY where another producer holds the lock of a shared ring. */
  tryClose(): number {
    return !this.shared || this.lock.tryAcquire() ? this.closeNow() : BUSY;
  }

  /** The same, without blocking, when the lock is free; BUSY when `stopped` was true before. */
  async closeAsync(stopped: () => boolean = never): Promise<number> {
    return !this.shared || (await this.lock.acquireAsync(stopped)) ? this.closeNow() : BUSY;
  }

  /** True once a producer closed the ring. */
  isClosed(): boolean {
    return load(this.words, CLOSED_WORD) === 1;
  }

  /** Records that a claim could take now. */
  loadFree(): number {
    const begin = this.loadBegin();
    const free = this.capacity - (begin - this.gateCache);
    if (free > this.capacity >> 1) return free;
    return this.capacity - (begin - this.loadGate(begin, false));
  }

  /**
   * Publishes, then blocks until a claim would succeed, or `stopped` is true (whoever made it so calls `wakeRing`).
   * Asleep, it is woken once an eighth of the ring is free, or `count` records.
   */
  waitForRoom(strategy: WaitStrategy, count = 1, bytes = 0, stopped: () => boolean = () => false): void {
    this.expectToClaim(count, bytes);
    this.publish(stopped);
    const look = () => stopped() || this.hasRoom(count, bytes);
    waitUntil(look, strategy, this.sleeper, RING_CAUSES.room, this.wantedGate(count));
  }

  /** The same without blocking, for the main thread. */
  async waitForRoomAsync(count = 1, bytes = 0, stopped: () => boolean = () => false): Promise<void> {
    this.expectToClaim(count, bytes);
    // Whoever holds the lock on another thread is about to release it, and tells nobody but its waiters.
    if (this.tryPublish() === BUSY) await this.publishAsync(stopped);
    const look = () => stopped() || this.hasRoom(count, bytes);
    await waitUntilAsync(look, this.sleeper, RING_CAUSES.room, this.wantedGate(count));
  }

  /** Ends this producer's own wait, for whoever made its `stopped` true. */
  wake(): void {
    this.sleeper.wakeAny();
    if (this.shared) this.lock.wake();
  }

  /**
   * Aborts an open claim, publishes, and gives the producer's place to the next one. This handle is done with then. Where the
   * lock of a shared ring is not to be had before `stopped` is true, another producer's next `publish` shows what is committed.
   */
  detach(stopped: () => boolean = never): void {
    if (this.claimCount === GONE) return;
    if (this.claimCount > 0) this.abort();
    this.publish(stopped);
    this.leave();
  }

  /** The same for a thread that must not block; the returned promise, if there is one, resolves when all is published. */
  detachAsync(stopped: () => boolean = never): Promise<unknown> | undefined {
    if (this.claimCount === GONE) return undefined;
    if (this.claimCount > 0) this.abort();
    const isBusy = this.tryPublish() === BUSY;
    this.leave();
    return isBusy ? this.publishAsync(stopped) : undefined;
  }

  /** Sequences from the slowest reader's next one to the end of what this producer has claimed. */
  loadUsed(): number {
    const begin = this.loadBegin();
    return begin - this.loadGate(begin, false);
  }

  private leave(): void {
    this.claimCount = GONE;
    store(this.words, this.attached, PRODUCER_FREE);
  }

  private publishOwn(): number {
    const shown = this.next - this.end.peek();
    if (shown <= 0) return shown;
    if (this.ring.dataBytes > 0) this.space.publishTail();
    this.end.publish(this.next);
    this.wakeReaders();
    return shown;
  }

  /** With the lock, which it releases. */
  private publishShared(): number {
    const shown = this.advanceShared();
    this.lock.release();
    if (shown > 0) this.wakeReaders();
    return shown;
  }

  /** With the lock of a shared ring, which it releases. */
  private closeNow(): number {
    if (this.shared) this.advanceShared();
    else this.publishOwn();
    const end = this.shared ? this.claimed.loadFar() : this.next;
    store(this.words, CLOSED_WORD, 1);
    if (this.shared) this.lock.release();
    for (const reader of this.readers) reader.wakeAny();
    return end;
  }

  private claimUnderLock(count: number, bytes: number): number {
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!this.shared) return this.claim(this.next, count, bytes);
    if (!this.lock.tryAcquire()) return FULL;
    const variable = this.ring.dataBytes > 0;
    if (variable) this.space.loadTail();
    const begin = this.isClosed() ? FULL : this.claim(this.claimed.loadFar(), count, bytes);
    if (begin !== FULL) {
      if (variable) {
        this.space.take(begin, this.claimOffset, bytes);
        this.space.publishTail();
      }
      this.claimed.publish(begin + count);
    }
    this.lock.release();
    return begin;
  }

  private claim(begin: number, count: number, bytes: number): number {
    if (begin + count - this.gateCache > this.capacity) {
      this.gateCache = this.loadGate(begin, true);
      if (begin + count - this.gateCache > this.capacity) return FULL;
    }
    if (this.ring.dataBytes > 0) {
      let offset = this.space.find(bytes, this.gateCache, begin);
      if (offset < 0) {
        this.gateCache = this.loadGate(begin, true);
        offset = this.space.find(bytes, this.gateCache, begin);
        if (offset < 0) return FULL;
      }
      this.claimOffset = offset;
      // One limit wherever the ring stands: behind the wrap there is often more room.
      this.claimEnd = this.shared ? offset + bytes : Math.min(this.space.end, offset + this.maxRecordBytes);
    }
    this.claimBegin = begin;
    this.claimCount = count;
    return begin;
  }

  private settle(bytes: number, isVoid: boolean): void {
    if (this.claimCount <= 0) throw nothingClaimed('commit');
    if (this.ring.dataBytes > 0) {
      if (!(bytes >= 0 && bytes <= this.claimEnd - this.claimOffset))
        throw tooMuch(bytes, this.claimEnd - this.claimOffset);
      if (!this.shared) this.space.take(this.claimBegin, this.claimOffset, bytes);
      this.space.setLength(this.claimBegin, isVoid ? VOID_LENGTH : bytes);
    }
    if (this.shared) {
      const { states, capacity } = this.ring;
      for (let s = this.claimBegin; s < this.claimBegin + this.claimCount; s++) {
        store(this.words, states + (s & (capacity - 1)), (s << 1) | (isVoid ? 1 : 0));
      }
    } else this.next = this.claimBegin + this.claimCount;
    this.claimCount = 0;
  }

  /** With the lock: moves the end over every record that is committed, whoever committed it. */
  private advanceShared(): number {
    const claimed = this.claimed.loadFar();
    const before = this.end.loadFar();
    let end = before;
    const { states, capacity } = this.ring;
    // A state from the lap before cannot be taken for this one: it differs in the bits above the index.
    while (end < claimed && (load(this.words, states + (end & (capacity - 1))) & ~1) === end << 1) end++;
    if (end !== before) this.end.publish(end);
    return end - before;
  }

  private wakeReaders(): void {
    const end = this.end.peek();
    for (let i = 0; i < this.readers.length; i++) this.readers[i]!.wake(RING_CAUSES.records, end);
  }

  private hasRoom(count: number, bytes: number): boolean {
    const begin = this.loadBegin();
    const gate = this.loadGate(begin, false);
    if (begin + count - gate > this.capacity) return false;
    if (this.ring.dataBytes === 0) return true;
    // Without the lock this is a hint, which the next claim checks. A single producer's own tail may be ahead of the word.
    if (this.shared) this.space.loadTail();
    return this.space.find(bytes, gate, begin) >= 0;
  }

  private wantedGate(count: number): number {
    const begin = this.loadBegin();
    // Variable length: any progress of the slowest reader may free enough bytes.
    if (this.ring.dataBytes > 0) return this.loadGate(begin, false) + 1;
    return begin + Math.max(count, this.capacity >> 3) - this.capacity;
  }

  /**
   * The slowest reader's gate. As owner (`publishFloor`) it first announces it as the floor and then looks again: a reader
   * that joins either reads the new floor, or is seen by the second look.
   */
  private loadGate(begin: number, publishFloor: boolean): number {
    const behind = slowestBehind(this.words, this.ring.readers, begin);
    if (behind < 0) return Math.min(this.floor.loadFar(), begin);
    if (!publishFloor) return begin - behind;
    if (begin - behind > this.floor.loadFar()) this.floor.publish(begin - behind);
    return begin - Math.max(behind, slowestBehind(this.words, this.ring.readers, begin));
  }

  /** The sequence after all that is claimed. */
  private loadBegin(): number {
    return this.shared ? this.claimed.loadFar() : this.next + Math.max(this.claimCount, 0);
  }

  private attach(takeOver: boolean, { owner = 0, task = 0 }: PlaceOwner): number {
    const taken = placeWord(owner, PRODUCER_TAKEN);
    if (takeOver) {
      const line = producerLine(this.ring.readers, 0);
      store(this.words, line + PRODUCER_ATTACHED, taken);
      return line;
    }
    for (let i = 0; i < this.ring.producers; i++) {
      const line = producerLine(this.ring.readers, i);
      if (compareExchange(this.words, line + PRODUCER_ATTACHED, PRODUCER_FREE, taken) !== PRODUCER_FREE) continue;
      if (task !== 0) store(this.words, line + PRODUCER_TASK, task);
      return line;
    }
    throw new RingError(
      'NO_SLOT_LEFT',
      `all ${this.ring.producers} producer places of this ring are taken: create it with more \`producers\`, or detach one`,
    );
  }

  /** What a wait would have to wait for for ever. */
  private expectToClaim(count: number, bytes: number): void {
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!(count >= 1 && count <= this.maxClaim)) throw tooMany(count, this.maxClaim);
    if (this.ring.dataBytes > 0 && !(bytes >= 0 && bytes <= this.maxRecordBytes))
      throw tooLarge(bytes, this.maxRecordBytes);
  }
}
