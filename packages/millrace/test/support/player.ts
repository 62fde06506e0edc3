import type { EventCount } from 'native-free-rings';
import type { DutyCycle } from '../../src/thread/duty-cycle.ts';

/**
 * One thread of a flow, played by hand: it runs, finds nothing to do, arms its eventcount, looks again, and sleeps until
 * somebody clears the cause. Each of these is a step of its own, so that anything may happen in between.
 */
export class Player {
  state: 'awake' | 'idle' | 'asleep' | 'pending' | 'done' = 'awake';
  /** It stands in the middle of its own step, in an `emit` that waits. */
  onStack = false;
  error: unknown;
  readonly cycle: DutyCycle;
  private readonly sleeper: EventCount;
  private armed = 0;

  private readonly random: () => number;

  constructor(cycle: DutyCycle, sleeper: EventCount, random: () => number) {
    this.cycle = cycle;
    this.sleeper = sleeper;
    this.random = random;
  }

  /** Does one step. False when there was none to do. */
  step(): boolean {
    if (this.onStack || this.state === 'done' || this.state === 'pending') return false;
    if (this.state === 'asleep') {
      if (this.sleeper.loadCause() !== 0) return false;
      this.state = 'awake';
      return true;
    }
    if (this.state === 'idle') {
      const { cause, wanted } = this.cycle.waiting;
      this.armed = this.sleeper.arm(cause, wanted);
      const ready = this.cycle.isReady();
      if (ready) this.sleeper.disarm(this.armed);
      this.state = ready ? 'awake' : 'asleep';
      return true;
    }
    if (this.takes()) return true;
    this.onStack = true;
    try {
      const work = this.cycle.doWork();
      if (typeof work === 'number') this.did(work);
      else {
        this.state = 'pending';
        work.then(
          (count) => this.did(count),
          (error) => {
            this.error = error;
            this.state = 'done';
          },
        );
      }
    } finally {
      this.onStack = false;
    }
    return true;
  }

  /** Now and then a processor is set aside between taking a ticket and computing it. */
  private takes(): boolean {
    const cycle = this.cycle as unknown as { sequence: number; end: number; takeTicket?(): boolean };
    return cycle.takeTicket !== undefined && cycle.sequence >= cycle.end && this.random() < 0.5 && cycle.takeTicket();
  }

  /** A processor wakes the writer for what it has shown. False where nothing is owed. */
  rings(): boolean {
    const { bell } = (this.cycle as unknown as { parts: { bell: { isOwed: boolean; ring(): void } } }).parts;
    const { isOwed } = bell;
    bell.ring();
    return isOwed;
  }

  /** A sleep with a time-out comes to its end. False where there is none. */
  timesOut(): boolean {
    if (this.state !== 'asleep' || this.cycle.waiting.timeoutMs === undefined) return false;
    this.sleeper.disarm(this.armed);
    this.state = 'awake';
    return true;
  }

  private did(work: number): void {
    this.state = this.cycle.done ? 'done' : work > 0 ? 'awake' : 'idle';
  }
}
