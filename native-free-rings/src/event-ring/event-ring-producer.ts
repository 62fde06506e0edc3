import { store } from '#atomics';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import { mayNotClaim, neverFree, tooLarge, tooMany } from './claim-errors.ts';
import { CLOSED_WORD, PRODUCER_ATTACHED, PRODUCER_FREE, PRODUCER_TASK, RING_CAUSES } from './event-ring-descriptor.ts';
import { GONE, RingClaims } from './ring-claims.ts';

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
 * Records become visible in sequence order, so in a shared ring one that is claimed and not committed holds back those after it.
 * Where its thread has ended, `freePlace` makes it void.
 */
export class EventRingProducer extends RingClaims {
  /**
   * Makes committed records visible and wakes the readers that wait for them. Returns how many became visible: in a shared
   * ring that may be none (an earlier claim is still open, or another producer was faster) or more than this producer's own.
   */
  publish(): number {
    return this.sharing === undefined ? this.publishOwn() : this.publishShared(this.sharing);
  }

  /** The next sequence that this producer would claim, as far as it knows without looking. */
  peekNext(): number {
    return this.sharing?.claimed.peek() ?? this.next;
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
    const { sharing } = this;
    if (sharing === undefined) this.publishOwn();
    store(this.words, CLOSED_WORD, 1);
    // In a shared ring in this order: who claims more than this has not seen `closed` before, and sees it after.
    const end = sharing?.claimed.loadFar() ?? this.next;
    sharing?.advance();
    for (const reader of this.readers) reader.wakeAny();
    return end;
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
    this.publish();
    const look = () => this.isGone() || stopped() || this.hasRoom(count, bytes, least);
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
    this.publish();
    const look = () => this.isGone() || stopped() || this.hasRoom(count, bytes, least);
    return await waitUntilAsync(look, this.sleeper, RING_CAUSES.room, this.wantedGate(count, bytes, least));
  }

  /** Publishes, then blocks until `trySkip(count)` would succeed, or `stopped` is true, as `waitForRoom` does. */
  waitToSkip(strategy: WaitStrategy, count = 1, stopped: () => boolean = () => false): void {
    this.expectToSkip(count);
    this.publish();
    const look = () => this.isGone() || stopped() || this.maySkip(count);
    waitUntil(look, strategy, this.sleeper, RING_CAUSES.room, this.anyProgress());
  }

  /** The same without blocking, for the main thread. */
  async waitToSkipAsync(count = 1, stopped: () => boolean = () => false): Promise<void> {
    this.expectToSkip(count);
    this.publish();
    const look = () => this.isGone() || stopped() || this.maySkip(count);
    await waitUntilAsync(look, this.sleeper, RING_CAUSES.room, this.anyProgress());
  }

  /** Ends this producer's own wait, for whoever made its `stopped` true. */
  wake(): void {
    this.sleeper.wakeAny();
  }

  /** Aborts an open claim, publishes, ends a pending wait, and gives the producer's place to the next one. This handle is done with then. */
  detach(): void {
    if (this.claimCount === GONE) return;
    if (this.claimCount > 0) this.abort();
    this.publish();
    this.claimCount = GONE;
    // Whoever has the place next sleeps on the same words.
    this.sleeper.wakeAny();
    if (this.task !== 0) store(this.words, this.attached - PRODUCER_ATTACHED + PRODUCER_TASK, 0);
    store(this.words, this.attached, PRODUCER_FREE);
  }

  private isGone(): boolean {
    return this.claimCount === GONE;
  }

  private hasRoom(count: number, bytes: number, least: FreeSpace): boolean {
    const begin = this.loadBegin();
    return this.wouldHaveRoom(count, bytes, least, begin, this.loadGate(begin, false));
  }

  /** Whether there is room once everything below `gate` is released. */
  private wouldHaveRoom(count: number, bytes: number, least: FreeSpace, begin: number, gate: number): boolean {
    if (begin + Math.max(count, least.records) - gate > this.capacity) return false;
    if (this.ring.dataBytes === 0) return true;
    return this.space.find(bytes, gate, begin) >= 0 && this.space.freeFrom(gate, begin) >= least.bytes;
  }

  private maySkip(count: number): boolean {
    const begin = this.loadBegin();
    const gate = this.loadGate(begin, false);
    return begin + count - gate <= this.capacity && this.voids?.hasRoom(gate) !== false;
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
