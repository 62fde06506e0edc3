import { store } from '#atomics';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import { mayNotClaim, neverFree, tooLarge, tooMany } from './claim-errors.ts';
import { CLOSED_WORD, PRODUCER_FREE, RING_CAUSES } from './event-ring-descriptor.ts';
import { GONE, RingClaims } from './ring-claims.ts';
import type { VoidRanges } from './void-ranges.ts';

/** What a method returns that does not wait for the lock of a shared ring, when another producer holds it just now. */
export const BUSY = -1;

const never = (): boolean => false;

/** How much of a ring has to be free before a producer goes on that waits for room, beside what it wants to claim. */
export interface FreeSpace {
  /** Records, at most the capacity. */
  readonly records: number;
  /** Bytes of the data of a ring whose records vary in length, at most all of them; 0 for other rings. */
  readonly bytes: number;
}

const NONE: FreeSpace = { records: 0, bytes: 0 };

/**
 * A producer of an event ring: `tryClaim → fill → commit | abort`, then `publish` for many commits at once.
 *
 * In a shared ring the words of the producers belong to whoever holds the lock: claims and publishes take it, filling
 * does not. Records become visible in sequence order, so one that is claimed and not committed holds back those after it,
 * for good if its thread ended meanwhile: end a thread after `detach`, or start over with a new ring.
 */
export class EventRingProducer extends RingClaims {
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

  /**
   * Publishes, then blocks until a claim would succeed and `least` is free, or `stopped` is true (whoever made it so calls
   * `wakeRing`). Asleep, it is woken once an eighth of the ring is free, or `count` records. A ring that nobody else publishes
   * into has `least` free at the latest when its readers have released everything. Returns how often it slept.
   */
  waitForRoom(
    strategy: WaitStrategy,
    count = 1,
    bytes = 0,
    stopped: () => boolean = () => false,
    least: FreeSpace = NONE,
  ): number {
    this.expectToClaim(count, bytes, least);
    this.publish(stopped);
    const look = () => stopped() || this.hasRoom(count, bytes, least);
    return waitUntil(look, strategy, this.sleeper, RING_CAUSES.room, this.wantedGate(count, bytes, least));
  }

  /** The same without blocking, for the main thread. */
  async waitForRoomAsync(
    count = 1,
    bytes = 0,
    stopped: () => boolean = () => false,
    least: FreeSpace = NONE,
  ): Promise<number> {
    this.expectToClaim(count, bytes, least);
    // Whoever holds the lock on another thread is about to release it, and tells nobody but its waiters.
    if (this.tryPublish() === BUSY) await this.publishAsync(stopped);
    const look = () => stopped() || this.hasRoom(count, bytes, least);
    return await waitUntilAsync(look, this.sleeper, RING_CAUSES.room, this.wantedGate(count, bytes, least));
  }

  /** Publishes, then blocks until `trySkip(count)` would succeed, or `stopped` is true, as `waitForRoom` does. */
  waitToSkip(strategy: WaitStrategy, count = 1, stopped: () => boolean = () => false): void {
    const voids = this.expectToSkip(count);
    this.publish(stopped);
    const look = () => stopped() || this.maySkip(voids, count);
    waitUntil(look, strategy, this.sleeper, RING_CAUSES.room, this.anyProgress());
  }

  /** The same without blocking, for the main thread. */
  async waitToSkipAsync(count = 1, stopped: () => boolean = () => false): Promise<void> {
    const voids = this.expectToSkip(count);
    if (this.tryPublish() === BUSY) await this.publishAsync(stopped);
    const look = () => stopped() || this.maySkip(voids, count);
    await waitUntilAsync(look, this.sleeper, RING_CAUSES.room, this.anyProgress());
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

  private leave(): void {
    this.claimCount = GONE;
    store(this.words, this.attached, PRODUCER_FREE);
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

  private hasRoom(count: number, bytes: number, least: FreeSpace): boolean {
    const begin = this.loadBegin();
    const gate = this.loadGate(begin, false);
    // A single producer's own tail may be ahead of the word.
    if (!this.shared) return this.wouldHaveRoom(count, bytes, least, begin, gate);
    if (begin + Math.max(count, least.records) - gate > this.capacity) return false;
    if (this.ring.dataBytes === 0) return true;
    // Without the lock this is a hint, which the next claim checks. What was skipped is not to be looked up without it.
    if (this.voids !== undefined && !this.lock.tryAcquire()) return true;
    this.space.loadTail();
    const from = this.voids === undefined ? gate : this.loadGate(begin, false);
    const hasRoom = this.space.find(bytes, from, begin) >= 0 && this.space.freeFrom(from, begin) >= least.bytes;
    if (this.voids !== undefined) this.lock.release();
    return hasRoom;
  }

  /** Single producer: whether there is room once everything below `gate` is released. */
  private wouldHaveRoom(count: number, bytes: number, least: FreeSpace, begin: number, gate: number): boolean {
    if (begin + Math.max(count, least.records) - gate > this.capacity) return false;
    if (this.ring.dataBytes === 0) return true;
    return this.space.find(bytes, gate, begin) >= 0 && this.space.freeFrom(gate, begin) >= least.bytes;
  }

  private maySkip(voids: VoidRanges, count: number): boolean {
    // Whoever holds it is about to release it.
    if (this.shared && !this.lock.tryAcquire()) return true;
    const begin = this.loadBegin();
    const gate = this.loadGate(begin, false);
    const may = begin + count - gate <= this.capacity && voids.hasRoom(gate);
    if (this.shared) this.lock.release();
    return may;
  }

  private anyProgress(): number {
    return this.loadGate(this.loadBegin(), false) + 1;
  }

  private wantedGate(count: number, bytes: number, least: FreeSpace): number {
    const begin = this.loadBegin();
    if (this.ring.dataBytes > 0) {
      if (least === NONE || this.shared || this.voids !== undefined) return this.anyProgress();
      return this.leastGate(count, bytes, least, begin);
    }
    return begin + Math.max(count, least.records, this.capacity >> 3) - this.capacity;
  }

  /** Single producer: the first gate at which there is room. At `begin` nothing is kept, and there is. */
  private leastGate(count: number, bytes: number, least: FreeSpace, begin: number): number {
    let low = this.loadGate(begin, false);
    let high = begin;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.wouldHaveRoom(count, bytes, least, begin, middle)) high = middle;
      else low = middle + 1;
    }
    return high;
  }

  /** What a wait would have to wait for for ever. */
  private expectToClaim(count: number, bytes: number, least: FreeSpace): void {
    if (this.claimCount !== 0) throw mayNotClaim(this.claimCount === GONE);
    if (!(count >= 1 && count <= this.maxClaim)) throw tooMany(count, this.maxClaim);
    if (this.ring.dataBytes > 0 && !(bytes >= 0 && bytes <= this.maxRecordBytes))
      throw tooLarge(bytes, this.maxRecordBytes);
    if (!(least.records <= this.capacity && least.bytes <= this.ring.dataBytes))
      throw neverFree(least.records, this.capacity, least.bytes, this.ring.dataBytes);
  }
}
