import { readFileSync } from 'node:fs';
import { NO_MS } from './clock.ts';

/** Of this thread: nanoseconds on a core, nanoseconds that it was ready to run and had none, turns on a core. */
const FILE = '/proc/thread-self/schedstat';

/**
 * Tells a run of slow events from one in which the thread had no core, where the kernel counts that: hot path rule 9. A look
 * takes some 20 µs, so it is for runs that stand out.
 */
export class CoreWait {
  private waitedMs: number = NO_MS;

  /**
   * True when most of a run of `ms` milliseconds that has just ended may be for want of a core: so long the thread has waited
   * for one since this was last asked. False where nobody knows.
   */
  explains(ms: number): boolean {
    const before = this.waitedMs;
    this.waitedMs = loadWaitedMs();
    return this.waitedMs - before > ms / 2;
  }
}

function loadWaitedMs(): number {
  try {
    return Number(readFileSync(FILE, 'latin1').split(' ')[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}
