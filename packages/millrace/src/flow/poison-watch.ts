import { CAUSES } from '../thread/causes.ts';
import type { Control } from '../thread/control-block.ts';
import type { DeadLetter } from '../thread/failure-policy.ts';

/** While waiting for these a processor computes nothing, so no event is to blame for its death. */
const IDLE: readonly number[] = [CAUSES.input, CAUSES.ticket, CAUSES.paused];

/** Finds the event that kills its processor again and again. One for each processor. */
export class PoisonWatch {
  /** The event that was given up last: a successor does not compute it. */
  givenUp: number | undefined;
  private readonly most: number;
  private at = -1;
  private deaths = 0;

  /** `most`: so many deaths of one event give it up. */
  constructor(most: number) {
    this.most = most;
  }

  /** A thread of this processor has died. Returns the letter of the event that it was at, once that has killed `most` threads. */
  died(control: Control, thread: number, cause: unknown): DeadLetter | undefined {
    if (IDLE.includes(control.loadWaiting(thread).cause)) return undefined;
    const position = control.position(thread).loadFar();
    const sequence = control.loadWork(thread, position);
    // It had shown that it was done with the event at which it was last.
    if (sequence < position) return undefined;
    this.deaths = sequence === this.at ? this.deaths + 1 : 1;
    this.at = sequence;
    if (this.deaths < this.most) return undefined;
    this.givenUp = sequence;
    return { from: 'processor', sequence, item: undefined, attempts: this.deaths, cause };
  }
}
