import type { Words } from '#atomics';
import { load } from '#atomics';
import { Cursor } from '../cursor.ts';
import { EventCount } from '../eventcount.ts';
import { Lock } from '../lock.ts';
import type { Memory } from '../memory.ts';
import { mayNotClaim, noSkips, nothingClaimed, tooLarge, tooMany, tooManyFilled, tooMuch } from './claim-errors.ts';
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
  PRODUCER_SLEEP,
  READER_SLEEP,
  RING_CAUSES,
  readerLine,
  VOID_LENGTH,
} from './event-ring-descriptor.ts';
import { slowestBehind } from './gate.ts';
import { takeProducerLine } from './places.ts';
import { RecordStates } from './record-states.ts';
import { VoidRanges } from './void-ranges.ts';

/** What `tryClaim` returns when there is no room, or (shared rings) when another producer holds the lock just now. */
export const FULL = -1;

/** Value of `claimCount` after `detach`. */
export const GONE = -1;

/** How a producer takes slots, fills them and settles them: all of {@link EventRingProducer} that comes before `publish`. */
export abstract class RingClaims {
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

  protected readonly words: Words;
  protected readonly ring: OpenEventRing;
  protected readonly end: Cursor;
  private readonly floor: Cursor;
  protected readonly claimed: Cursor;
  protected readonly lock: Lock;
  protected readonly space: DataSpace;
  private readonly states: RecordStates;
  /** Undefined: nothing can be skipped in this ring. */
  protected readonly voids: VoidRanges | undefined;
  protected readonly attached: number;
  protected readonly sleeper: EventCount;
  protected readonly readers: EventCount[] = [];
  /** Single producer: end of what is committed. */
  protected next: number;
  private gateCache: number;
  private claimBegin = 0;
  /** Records of the open claim, 0 when none is open, GONE after `detach`. */
  protected claimCount = 0;
  protected readonly maxClaim: number;

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
    this.states = new RecordStates(ring);
    this.voids = ring.skips > 0 ? new VoidRanges(ring) : undefined;
    this.maxRecordBytes = ring.dataBytes > 0 ? this.space.maxBytes : ring.slotBytes;
    this.maxClaim = ring.dataBytes > 0 ? 1 : ring.capacity;
    const line = takeProducerLine(ring, options.takeOver === true && !ring.shared, options);
    this.attached = line + PRODUCER_ATTACHED;
    this.sleeper = new EventCount(this.words, line + PRODUCER_SLEEP);
    for (let i = 0; i < ring.readers; i++) this.readers.push(new EventCount(this.words, readerLine(i) + READER_SLEEP));
    this.end = new Cursor(this.words, END_WORD);
    this.floor = new Cursor(this.words, FLOOR_WORD);
    this.claimed = new Cursor(this.words, CLAIMED_WORD);
    this.lock = new Lock(this.words, LOCK_WORD, options.owner);
    // Whoever had this place before may have died between skipping and showing it.
    this.next = Math.max(this.end.peek(), ring.shared ? 0 : (this.voids?.lastEnd() ?? 0));
    this.gateCache = this.floor.peek();
  }

  /** Claims `count` consecutive records (variable length: one). Returns the first sequence, or FULL. */
  tryClaim(count = 1): number {
    if (!(count >= 1 && count <= this.maxClaim)) throw tooMany(count, this.maxClaim);
    return this.claimUnderLock(count, 0);
  }

  /**
   * Fixed size: claims 1 to `most` consecutive records whose slots lie side by side: as many as there is room for.
   * Returns the first sequence, or FULL; `claimLength` says how many.
   */
  tryClaimSome(most: number): number {
    if (!(most >= 1) || this.ring.dataBytes > 0) throw tooMany(most, this.maxClaim);
    return this.claimUnderLock(most, 0, true);
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

  /** Records of the open claim; 0 when none is open. */
  get claimLength(): number {
    return Math.max(this.claimCount, 0);
  }

  /** Ends the claim. `bytes` is the length of a record of varying length. The records wait for `publish`. */
  commit(bytes = 0): void {
    this.settle(bytes, false);
  }

  /**
   * Fixed size: ends the claim with its first `count` records; the others are given back, as `abort` gives back all. 0: all.
   */
  commitFirst(count: number): void {
    if (this.claimCount <= 0) throw nothingClaimed('commit');
    if (!(count >= 0 && count <= this.claimCount)) throw tooManyFilled(count, this.claimCount);
    const begin = this.claimBegin + count;
    const end = this.claimBegin + this.claimCount;
    this.claimCount = count;
    if (count > 0) this.settle(0, false);
    if (this.shared) this.states.settle(begin, end, true);
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
   * Passes over `count` sequences, 1 to the capacity, in a ring with `skips`: they take slots and no data, and are void for
   * readers. Costs the same for any count. Returns the first one, or FULL. A single producer shows first what it has
   * committed. What was skipped waits for `publish`, like a commit.
   */
  trySkip(count = 1): number {
    const voids = this.expectToSkip(count);
    if (!this.shared) {
      this.publishOwn();
      return this.skip(voids, this.next, count);
    }
    if (!this.lock.tryAcquire()) return FULL;
    const begin = this.isClosed() ? FULL : this.skip(voids, this.claimed.loadFar(), count);
    if (begin !== FULL) this.claimed.publish(begin + count);
    this.lock.release();
    return begin;
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

  /** Sequences from the slowest reader's next one to the end of what this producer has claimed. */
  loadUsed(): number {
    const begin = this.loadBegin();
    return begin - this.loadGate(begin, false);
  }

  protected publishOwn(): number {
    const shown = this.next - this.end.peek();
    if (shown <= 0) return shown;
    if (this.ring.dataBytes > 0) this.space.publishTail();
    this.end.publish(this.next);
    this.wakeReaders();
    return shown;
  }

  /** With the lock: moves the end over every record that is committed, whoever committed it. */
  protected advanceShared(): number {
    const claimed = this.claimed.loadFar();
    const before = this.end.loadFar();
    const end = this.states.endFrom(before, claimed);
    if (end !== before) this.end.publish(end);
    return end - before;
  }

  protected wakeReaders(): void {
    const end = this.end.peek();
    for (let i = 0; i < this.readers.length; i++) this.readers[i]!.wake(RING_CAUSES.records, end);
  }

  protected expectToSkip(count: number): VoidRanges {
    if (this.voids === undefined) throw noSkips();
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!(count >= 1 && count <= this.capacity)) throw tooMany(count, this.capacity);
    return this.voids;
  }

  /**
   * The slowest reader's gate. As owner (`publishFloor`) it first announces it as the floor and then looks again: a reader
   * that joins either reads the new floor, or is seen by the second look.
   */
  protected loadGate(begin: number, publishFloor: boolean): number {
    const behind = slowestBehind(this.words, this.ring.readers, begin);
    if (behind < 0) return Math.min(this.floor.loadFar(), begin);
    if (!publishFloor) return begin - behind;
    if (begin - behind > this.floor.loadFar()) this.floor.publish(begin - behind);
    return begin - Math.max(behind, slowestBehind(this.words, this.ring.readers, begin));
  }

  /** The sequence after all that is claimed. */
  protected loadBegin(): number {
    return this.shared ? this.claimed.loadFar() : this.next + Math.max(this.claimCount, 0);
  }

  private claimUnderLock(count: number, bytes: number, some = false): number {
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!this.shared) return this.claim(this.next, some ? this.sideBySide(this.next, count) : count, bytes);
    if (!this.lock.tryAcquire()) return FULL;
    const variable = this.ring.dataBytes > 0;
    if (variable) this.space.loadTail();
    const next = this.claimed.loadFar();
    const begin = this.isClosed() ? FULL : this.claim(next, some ? this.sideBySide(next, count) : count, bytes);
    if (begin !== FULL) {
      if (variable) {
        this.space.take(begin, this.claimOffset, bytes);
        this.space.publishTail();
      }
      this.states.open(begin, this.claimCount);
      this.claimed.publish(begin + this.claimCount);
    }
    this.lock.release();
    return begin;
  }

  /** How many of `most` records from `begin` on lie side by side and have room; 1 at least. */
  private sideBySide(begin: number, most: number): number {
    const count = Math.min(most, this.capacity - (begin & (this.capacity - 1)));
    if (begin + count - this.gateCache > this.capacity) this.gateCache = this.loadGate(begin, true);
    return Math.max(Math.min(count, this.capacity - (begin - this.gateCache)), 1);
  }

  private skip(voids: VoidRanges, begin: number, count: number): number {
    if (begin + count - this.gateCache > this.capacity || !voids.hasRoom(this.gateCache)) {
      this.gateCache = this.loadGate(begin, true);
      if (begin + count - this.gateCache > this.capacity || !voids.hasRoom(this.gateCache)) return FULL;
    }
    voids.add(begin, begin + count);
    if (!this.shared) this.next = begin + count;
    return begin;
  }

  private claim(begin: number, count: number, bytes: number): number {
    // Others may have written over the entries of skipped ranges that this producer's gate still holds.
    const isStale = this.voids !== undefined && this.shared && this.ring.dataBytes > 0;
    if (isStale || begin + count - this.gateCache > this.capacity) {
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
    const end = this.claimBegin + this.claimCount;
    if (this.shared) this.states.settle(this.claimBegin, end, isVoid);
    else this.next = end;
    this.claimCount = 0;
  }
}
