import { setTimeout } from 'node:timers/promises';
import { MillraceError } from '../thread/errors.ts';
import type { CompiledRestarts } from './failure-options.ts';

const LONGEST_PAUSE_MS = 1_000;

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

  /** Notes a death. Resolves when its thread may be replaced; rejects with THREAD_DIED when there were too many. */
  async admit(death: unknown, thread: string): Promise<void> {
    const { max, withinMs } = this.limit;
    const now = this.now();
    this.recent = this.recent.filter((at) => now - at < withinMs);
    this.recent.push(now);
    if (this.recent.length > max) throw this.tooMany(death, thread);
    const ms = this.pause(this.recent.length);
    if (ms > 0) await setTimeout(ms);
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
