import { load, type Words } from '#atomics';
import { EventCount } from '../eventcount.ts';
import type { Memory } from '../memory.ts';
import { SharedCursor } from '../shared-cursor.ts';
import { mayNotClaim, noSkips, nothingClaimed, tooLarge, tooMany, tooManyFilled, tooMuch } from './claim-errors.ts';
import { DataSpace } from './data-space.ts';
import {
  CLOSED_WORD,
  END_WORD,
  type EventRingHandle,
  FLOOR_WORD,
  type OpenEventRing,
  openEventRing,
  type PlaceOwner,
  PRODUCER_ATTACHED,
  PRODUCER_SLEEP,
  READER_SLEEP,
  RING_CAUSES,
  readerLine,
} from './event-ring-descriptor.ts';
import { slowestBehind } from './gate.ts';
import { OwnRegion } from './own-region.ts';
import { takeProducerLine } from './places.ts';
import type { RecordSpace } from './record-space.ts';
import { SharedClaims } from './shared-claims.ts';
import { type VoidRanges, voidRangesOf } from './void-ranges.ts';

/** What `tryClaim` returns when there is no room, or the ring is closed. */
export const FULL = -1;

/** Value of `claimCount` after `detach`. */
export const GONE = -1;

/** In place of a record's bytes: it has no data. */
const NO_DATA = -1;

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
  protected readonly end: SharedCursor;
  private readonly floor: SharedCursor;
  /** Undefined: this producer is the only one. */
  protected readonly sharing: SharedClaims | undefined;
  protected readonly space: RecordSpace;
  /** The same, where it is of varying length and all of it this producer's. */
  private readonly own: DataSpace | undefined;
  /** Undefined: nothing can be skipped in this ring, or it is shared. */
  protected readonly voids: VoidRanges | undefined;
  protected readonly attached: number;
  /** Of this thread, where it was told. */
  protected readonly task: number;
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
    const line = takeProducerLine(ring, options.takeOver === true && !ring.shared, options);
    this.attached = line + PRODUCER_ATTACHED;
    this.task = options.task ?? 0;
    this.sleeper = new EventCount(this.words, line + PRODUCER_SLEEP);
    for (let i = 0; i < ring.readers; i++) this.readers.push(new EventCount(this.words, readerLine(i) + READER_SLEEP));
    this.end = new SharedCursor(this.words, END_WORD);
    this.floor = new SharedCursor(this.words, FLOOR_WORD);
    this.sharing = ring.shared ? new SharedClaims(ring, this.end, line) : undefined;
    const isParted = this.sharing !== undefined && ring.dataBytes > 0;
    const own = isParted ? undefined : new DataSpace(ring);
    this.own = ring.dataBytes > 0 ? own : undefined;
    this.space = own ?? new OwnRegion(ring, line, this.sharing!.claimed.peek());
    this.voids = voidRangesOf(ring);
    this.maxRecordBytes = ring.dataBytes > 0 ? this.space.maxBytes : ring.slotBytes;
    this.maxClaim = ring.dataBytes > 0 ? 1 : ring.capacity;
    // Whoever had this place before may have died between skipping and showing it.
    this.next = Math.max(this.end.peek(), this.voids?.lastEnd() ?? 0);
    this.gateCache = this.floor.peek();
    this.showOrphans();
  }

  /** Claims `count` consecutive records (variable length: one). Returns the first sequence, or FULL. */
  tryClaim(count = 1): number {
    if (!(count >= 1 && count <= this.maxClaim && (count | 0) === count)) throw tooMany(count, this.maxClaim);
    return this.claim(count, 0, false);
  }

  /**
   * Fixed size: claims 1 to `most` consecutive records whose slots lie side by side: as many as there is room for.
   * Returns the first sequence, or FULL; `claimLength` says how many.
   */
  tryClaimSome(most: number): number {
    if (!(most >= 1) || this.ring.dataBytes > 0) throw tooMany(most, this.maxClaim);
    return this.claim(Math.floor(Math.min(most, this.capacity)), 0, true);
  }

  /** Variable length: claims one record of at least `bytes`, to be filled from `claimOffset` up to `claimEnd`. */
  tryClaimBytes(bytes: number): number {
    if (!(bytes >= 0 && bytes <= this.maxRecordBytes)) throw tooLarge(bytes, this.maxRecordBytes);
    return this.claim(1, bytes, false);
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
    if (this.claimCount <= 0) throw nothingClaimed('commit');
    if (this.ring.dataBytes > 0) {
      const most = this.claimEnd - this.claimOffset;
      if (!(bytes >= 0 && bytes <= most)) throw tooMuch(bytes, most);
      this.space.take(this.claimBegin, this.claimOffset, bytes, this.gateCache);
    }
    this.settle(this.claimCount);
  }

  /**
   * Fixed size: ends the claim with its first `count` records; the others are given back, as `abort` gives back all. 0: all.
   */
  commitFirst(count: number): void {
    if (this.claimCount <= 0) throw nothingClaimed('commit');
    if (!(count >= 0 && count <= this.claimCount)) throw tooManyFilled(count, this.claimCount);
    this.settle(count);
  }

  /**
   * Gives the claim back. In a shared ring its sequences may already have successors: they are then published as void,
   * and readers pass over them.
   */
  abort(): void {
    if (this.claimCount <= 0) throw nothingClaimed('abort');
    this.settle(0);
  }

  /**
   * Passes over `count` sequences, 1 to the capacity, in a ring with `skips`: they take slots and no data, and are void for
   * readers. Costs the same for any count where this producer is the only one, and writes a word for each sequence in a shared
   * ring. Returns the first one, or FULL. A single producer shows first what it has committed. What was skipped waits for
   * `publish`, like a commit.
   */
  trySkip(count = 1): number {
    this.expectToSkip(count);
    if (this.voids !== undefined) {
      this.publishOwn();
      return this.skip(this.voids, this.next, count);
    }
    const begin = this.claim(count, NO_DATA, false);
    if (begin !== FULL) this.settle(0);
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
    this.own?.publishTail();
    this.end.publish(this.next);
    this.wakeReaders();
    return shown;
  }

  protected publishShared(sharing: SharedClaims): number {
    const shown = sharing.advance();
    if (shown > 0) this.wakeReaders();
    return shown;
  }

  protected wakeReaders(): void {
    const end = this.end.peek();
    for (let i = 0; i < this.readers.length; i++) this.readers[i]!.wake(RING_CAUSES.records, end);
  }

  protected expectToSkip(count: number): void {
    if (this.ring.skips === 0) throw noSkips();
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!(count >= 1 && count <= this.capacity && (count | 0) === count)) throw tooMany(count, this.capacity);
  }

  /**
   * The slowest reader's gate. To claim what it has released (`publishFloor`) a producer first announces it as the floor and then
   * looks again: a reader that joins either reads the new floor, or is seen by the second look.
   */
  protected loadGate(begin: number, publishFloor: boolean): number {
    const behind = slowestBehind(this.words, this.ring.readers, begin);
    if (behind < 0) return Math.min(this.floor.loadFar(), begin);
    if (!publishFloor) return begin - behind;
    this.floor.raise(begin - behind);
    return begin - Math.max(behind, slowestBehind(this.words, this.ring.readers, begin));
  }

  /**
   * The sequence after all that was claimed before the open claim of this producer, by whichever one; where it has none open, after all
   * that was claimed.
   */
  loadNext(): number {
    return this.claimCount > 0 ? this.claimBegin : this.loadBegin();
  }

  /** The sequence after all that is claimed. */
  protected loadBegin(): number {
    return this.sharing?.claimed.loadFar() ?? this.next + Math.max(this.claimCount, 0);
  }

  private claim(most: number, bytes: number, some: boolean): number {
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (this.sharing !== undefined) return this.claimShared(this.sharing, most, bytes, some);
    const count = some ? this.sideBySide(this.next, most) : most;
    return this.mayTake(this.next, count, bytes) ? this.open(this.next, count) : FULL;
  }

  private claimShared(sharing: SharedClaims, most: number, bytes: number, some: boolean): number {
    for (;;) {
      const begin = sharing.claimed.loadFar();
      const count = some ? this.sideBySide(begin, most) : most;
      if (this.isClosed() || !this.mayTake(begin, count, bytes)) return FULL;
      if (sharing.tryTake(begin, count)) {
        this.open(begin, count);
        if (!this.isClosed()) return begin;
        // Whoever closed the ring may have found that it ends before this claim.
        this.settle(0);
        this.publishShared(sharing);
        return FULL;
      }
      // What it intended to claim may be what a dead producer has claimed, and nobody could tell before now.
      this.showOrphans();
    }
  }

  private showOrphans(): void {
    if (this.sharing?.mayHaveOrphans() === true) this.publishShared(this.sharing);
  }

  private open(begin: number, count: number): number {
    this.claimBegin = begin;
    this.claimCount = count;
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
    this.next = begin + count;
    return begin;
  }

  /** Whether there is room for `count` records from `begin` on, and for `bytes` of data; where those would lie. */
  private mayTake(begin: number, count: number, bytes: number): boolean {
    if (begin + count - this.gateCache > this.capacity) {
      this.gateCache = this.loadGate(begin, true);
      if (begin + count - this.gateCache > this.capacity) return false;
    }
    if (this.ring.dataBytes === 0 || bytes === NO_DATA) return true;
    let offset = this.space.find(bytes, this.gateCache, begin);
    if (offset < 0) {
      this.gateCache = this.loadGate(begin, true);
      offset = this.space.find(bytes, this.gateCache, begin);
      if (offset < 0) return false;
    }
    this.claimOffset = offset;
    // One limit wherever the ring stands: behind the wrap there is often more room.
    this.claimEnd = Math.min(this.space.end, offset + this.maxRecordBytes);
    return true;
  }

  /** Ends the claim: `committed` of its records from the first on, the others are given back. */
  private settle(committed: number): void {
    if (this.sharing === undefined) this.next = this.claimBegin + committed;
    else this.sharing.settle(this.claimBegin, committed, this.claimCount);
    this.claimCount = 0;
  }
}
