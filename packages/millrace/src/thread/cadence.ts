import { NO_MS } from './clock.ts';

/** Runs whose pieces differ by more than this are uneven, and so are the next few. */
const UNEVEN = 10;
const UNEVEN_RUNS = 16;

/** A run stands out that takes this much longer than others, and so long at least. */
const ODD = 3;
const ODD_MS = 0.5;

/**
 * Of short runs, one in so many is timed at most: a look at the clock takes 30 ns, and may leave 16 bytes behind, as each float does
 * that is learned. The first ones, which take longer than those that are compiled, are timed more often.
 */
const RUNS_PER_CLOCK = 64;

/**
 * How many cheap pieces of work pass between two looks at the shared world (publishing, acknowledging, seeing a stop): about
 * every `everyMs`, so that the few atomics of a look stay below one percent, and at most `most` of them.
 */
export class Cadence {
  /** Pieces between two looks. 1 where each piece is slow, and at first. */
  interval = 1;
  /** What a piece took when last measured; 0 while nothing is known. */
  eachMs: number = NO_MS;
  private readonly everyMs: number;
  private readonly most: number;
  /** So many runs are still taken for uneven. */
  private uneven = 0;
  /** How long the last run took. */
  private lastMs: number = NO_MS;
  /** Short runs since the last one that was timed, and after how many the next one is. */
  private untimed = 0;
  private runsPerClock = 1;

  constructor(everyMs: number, most: number) {
    this.everyMs = everyMs;
    this.most = most;
  }

  /** Whether a run of `count` pieces should be timed, for `learn`. Of those that take much less than `everyMs`, few are. */
  isTimed(count: number): boolean {
    if (this.eachMs > 0 && 2 * count * this.eachMs < this.everyMs && ++this.untimed < this.runsPerClock) return false;
    this.untimed = 0;
    this.runsPerClock = Math.min(2 * this.runsPerClock, RUNS_PER_CLOCK);
    return true;
  }

  /** From one run to another, lately, what a piece takes has changed by more than ten times. */
  get isUneven(): boolean {
    return this.uneven > 0;
  }

  /** A run of `count` that took `ms` stands out: it took much longer than those before. */
  isOdd(count: number, ms: number): boolean {
    return ms > ODD_MS && this.eachMs > 0 && ms > ODD * this.eachMs * count;
  }

  /** Learns from `count` pieces that took `ms`. */
  learn(count: number, ms: number): void {
    const before = this.eachMs;
    const beforeMs = this.lastMs;
    this.eachMs = Math.max(ms / count, 1e-6);
    this.lastMs = ms;
    const dearMs = this.eachMs > before ? ms : beforeMs;
    // What takes less keeps nothing back for longer than a look does.
    const isLong = dearMs >= this.everyMs;
    if (isLong && before > 0 && Math.max(before, this.eachMs) > UNEVEN * Math.min(before, this.eachMs))
      this.uneven = UNEVEN_RUNS;
    else if (this.uneven > 0) this.uneven--;
    const wanted = Math.max(1, Math.min(this.most, Math.floor(this.everyMs / this.eachMs)));
    // Doubling at most, so that one lucky ticket does not hide a slow one for long.
    this.interval = Math.min(wanted, this.interval * 2);
  }
}
