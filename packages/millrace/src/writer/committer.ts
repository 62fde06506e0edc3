import { CAUSES } from '../thread/causes.ts';
import { NO_MS } from '../thread/clock.ts';
import type { CommitRule } from '../thread/commit-rule.ts';
import { FIRST_PROCESSOR } from '../thread/control-block.ts';
import { Acknowledger, type AckParts } from './acknowledger.ts';
import type { InFlight } from './in-flight.ts';

/** What a commit may span. */
export interface CommitLimits extends CommitRule {
  /** So many tickets may be read and not drained. */
  readonly tickets: number;
}

/**
 * Acknowledges what a store has committed. A commit may take long, so it spans lanes and tickets: it is due when enough time has
 * passed since the last one ended, when enough is written, when everything that has arrived is delivered, and when somebody
 * would have to wait for it otherwise (docs/decisions/0011).
 *
 * Until then nothing that was read is given back: no memory of a lane, no slot of the source, no entry of the ticket log. So
 * all that a thread had written and not committed when it died is there for its successor to read again.
 */
export class Committer extends Acknowledger {
  private readonly limits: CommitLimits;
  /** When the commit in work began, and from when on the next one is due. */
  private began: number = NO_MS;
  private dueAt: number = NO_MS;
  /** The last commit took longer than the time between two. */
  private isSlow = false;

  constructor(parts: AckParts, inFlight: InFlight, limits: CommitLimits) {
    super(parts, inFlight);
    this.limits = limits;
    this.dueAt = parts.parker.clock.now + limits.ms;
  }

  /** A limit of either is not passed by more than one run. */
  override itemsLeft(): number {
    return this.limits.items - this.items;
  }

  override bytesLeft(): number {
    return this.limits.bytes - this.bytes;
  }

  override endRun(): undefined {
    this.learn();
  }

  override ticketRead(index: number): boolean {
    super.ticketRead(index);
    return index - this.parts.drained.peek() >= this.limits.tickets;
  }

  override isOwed(): boolean {
    if (!this.isDue) return false;
    return this.isIdle() || this.isDueNow() || this.isWaitedFor();
  }

  /** A commit holds all that was written: it must not hold what lies behind a batch that the store has not, or may not have. */
  override mayAcknowledge(): boolean {
    return this.inFlight.isInHand;
  }

  /** A batch may take long, item by item. */
  override isFull(): boolean {
    return this.isAtLimit() || this.isDueNow();
  }

  override isLate(): boolean {
    return this.isDue && this.parts.parker.clock.now >= this.dueAt;
  }

  /** Nobody sleeps for ever while something is not committed. */
  override mostMs(timeoutMs: number | undefined): number | undefined {
    if (!this.isDue) return timeoutMs;
    const restMs = Math.max(this.dueAt - this.parts.parker.clock.now, 0);
    return timeoutMs === undefined ? restMs : Math.min(timeoutMs, restMs);
  }

  /** What is written counts when it is committed, and so it is noted after that. */
  override acknowledge(): Promise<void> | undefined {
    if (!this.isDue) return undefined;
    this.learn();
    const { clock } = this.parts.parker;
    clock.read();
    this.began = clock.now;
    const flushing = this.flush();
    if (flushing !== undefined) return flushing.then(() => this.release());
    this.release();
    return undefined;
  }

  /** A commit would not know whether it holds that batch. */
  override acknowledgeDelivered(): void {}

  protected override isTime(): boolean {
    if (this.isAtLimit() || this.parts.lanes[this.processor]!.peekUnreleased() > this.most()) return true;
    // The clock was read after the promise of a batch, if there was one.
    if (this.isLate()) return true;
    if (this.since < this.cadence.interval) return false;
    this.learn();
    return this.isDueNow();
  }

  protected override release(): void {
    const { parker, control } = this.parts;
    const { clock } = parker;
    clock.read();
    this.at = clock.now;
    const tookMs = clock.now - this.began;
    this.isSlow = tookMs > this.limits.ms;
    this.dueAt = clock.now + Math.max(this.limits.ms, tookMs);
    this.isDue = false;
    this.note();
    this.show();
    this.releaseLanes();
    if (this.publishAcked()) control.showPublished(clock);
    this.drain();
  }

  /**
   * A quick commit comes when half of a lane is read, so that its processor never waits. To a slow one, which comes while
   * processors wait anyway, the more is given.
   */
  private most(): number {
    return this.isSlow ? 1 : 1 / 2;
  }

  /** Everything that has arrived is delivered. */
  private isIdle(): boolean {
    const { source, control } = this.parts;
    return this.place.sequence >= (source === undefined ? control.loadEnd() : source.loadEnd());
  }

  private isAtLimit(): boolean {
    return this.items >= this.limits.items || this.bytes >= this.limits.bytes;
  }

  private isDueNow(): boolean {
    this.parts.parker.clock.read();
    return this.isLate();
  }

  /** By what it shows, and not by its sleep: one that spins never sleeps, and one that will sleep has said so before. */
  override isWaitedFor(): boolean {
    // What is in flight cannot be given back yet.
    if (!this.isDue) return false;
    const { lanes, control } = this.parts;
    for (let i = 0; i < lanes.length; i++) {
      if (lanes[i]!.peekUnreleased() > 0 && control.isWaiting(FIRST_PROCESSOR + i, CAUSES.room)) return true;
    }
    return false;
  }
}
