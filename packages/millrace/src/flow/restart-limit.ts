import { MillraceError } from '../thread/errors.ts';
import type { CompiledRestarts } from './failure-options.ts';

const LONGEST_PAUSE_MS = 1_000;

/** What the event `restart` says of a restart. */
export interface RestartDetails {
  /** The pause before the thread is replaced, in milliseconds: it grows with each death, up to a second (`restarts.delayMs`). */
  readonly delayMs: number;
  /** How many threads have died within `restarts.withinMs`, this one included: the reason for the pause. */
  readonly deaths: number;
}

/** How often a flow bears the death of a thread: so many within a time, after growing pauses; then it escalates. */
export class RestartLimit {
  private readonly limit: CompiledRestarts;
  private readonly now: () => number;
  /** When threads died within the last `withinMs`. */
  private recent: number[] = [];

  constructor(limit: CompiledRestarts, now: () => number = () => performance.now()) {
    this.limit = limit;
    this.now = now;
  }

  /** Notes a death. Returns how its thread is to be replaced; throws THREAD_DIED when there were too many. */
  admit(death: unknown, thread: string): RestartDetails {
    const { max, withinMs } = this.limit;
    const now = this.now();
    this.recent = this.recent.filter((at) => now - at < withinMs);
    this.recent.push(now);
    const deaths = this.recent.length;
    if (deaths > max) throw this.tooMany(death, thread);
    return { delayMs: this.pause(deaths), deaths };
  }

  private pause(deaths: number): number {
    if (deaths < 2) return 0;
    return Math.min(this.limit.delayMs * 2 ** (deaths - 2), LONGEST_PAUSE_MS);
  }

  private tooMany(death: unknown, thread: string): unknown {
    const { max, withinMs } = this.limit;
    if (max === 0 || !(death instanceof MillraceError)) return death;
    return new MillraceError(
      death.code,
      `${death.text} (threads died ${this.recent.length} times within ${withinMs} ms, ${max} are borne: see \`restarts\`)`,
      { thread, sequence: death.sequence, cause: death.cause },
    );
  }
}
