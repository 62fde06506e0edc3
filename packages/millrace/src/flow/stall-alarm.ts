import { after } from 'native-free-rings/waits';

/**
 * Notices a head of line that does not move: the one thing of a flow that looks at a clock by itself, at a timer that keeps
 * no process alive and looks once in `stallMs`.
 */
export class StallAlarm {
  private readonly stallMs: number;
  private readonly look: () => number | undefined;
  private readonly stalled: () => void;
  private seen = -1;
  private cancel: () => void = () => {};

  /** `look` returns the head of line while something is outstanding; `stalled` is called each time it is still the same. */
  constructor(stallMs: number, look: () => number | undefined, stalled: () => void) {
    this.stallMs = stallMs;
    this.look = look;
    this.stalled = stalled;
    if (stallMs > 0) this.arm();
  }

  stop(): void {
    this.cancel();
  }

  private arm(): void {
    this.cancel = after(this.stallMs, () => this.check(), { keepsAlive: false });
  }

  private check(): void {
    // First, so that what a listener throws does not end the watch.
    this.arm();
    const head = this.look() ?? -1;
    const isSame = head >= 0 && head === this.seen;
    this.seen = head;
    if (isSame) this.stalled();
  }
}
