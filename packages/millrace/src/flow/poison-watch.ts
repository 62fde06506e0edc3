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

  /** `most`: deaths of one event that are borne. */
  constructor(most: number) {
    this.most = most;
  }

  /**
   * A thread of this processor has died. Returns the letter of the event that it was at, once that has killed `most`
   * threads. (A thread shows where it is about every 10 µs; one that takes a dead one's place, before each event.)
   */
  died(control: Control, thread: number, cause: unknown): DeadLetter | undefined {
    if (IDLE.includes(control.loadWaiting(thread).cause)) return undefined;
    const sequence = control.position(thread).loadFar();
    this.deaths = sequence === this.at ? this.deaths + 1 : 1;
    this.at = sequence;
    if (this.deaths < this.most) return undefined;
    this.givenUp = sequence;
    return { from: 'processor', sequence, item: undefined, attempts: this.deaths, cause };
  }
}
