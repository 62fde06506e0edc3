import { clearInterval, setInterval } from 'node:timers';

/**
 * Notices a head of line that does not move: the one thing of a flow that looks at a clock by itself, at a timer that keeps
 * no process alive and looks once in `stallMs`.
 */
export class StallAlarm {
  private readonly timer: NodeJS.Timeout | undefined;
  private seen = -1;

  /** `look` returns the head of line while something is outstanding; `stalled` is called each time it is still the same. */
  constructor(stallMs: number, look: () => number | undefined, stalled: () => void) {
    if (stallMs === 0) return;
    this.timer = setInterval(() => {
      const head = look() ?? -1;
      if (head >= 0 && head === this.seen) stalled();
      this.seen = head;
    }, stallMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
