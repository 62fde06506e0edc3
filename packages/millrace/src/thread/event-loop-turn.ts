import { setImmediate } from 'node:timers/promises';
import { Cadence } from './cadence.ts';

/** The event loop gets a turn after about so many milliseconds of uninterrupted work. */
const TURN_MS = 5;
/** Between two looks at the clock. */
const LOOK_MS = 0.5;
const MOST_PIECES_PER_LOOK = 16;

/** For long work on a thread that has an event loop to serve, done in pieces: gives the loop its turns in between. */
export class EventLoopTurn {
  private readonly cadence = new Cadence(LOOK_MS, MOST_PIECES_PER_LOOK);
  private pieces = 0;
  private began: number = performance.now();
  private lookedAt: number = this.began;

  /** The event loop has just had its turn. */
  begin(): void {
    this.began = performance.now();
    this.lookedAt = this.began;
    this.pieces = 0;
  }

  /** A piece of work was done. True when it is time for `give`. */
  isOver(): boolean {
    if (++this.pieces < this.cadence.interval) return false;
    const now = performance.now();
    this.cadence.learn(this.pieces, now - this.lookedAt);
    this.lookedAt = now;
    this.pieces = 0;
    return now - this.began >= TURN_MS;
  }

  /** Lets the event loop have its turn. */
  async give(): Promise<void> {
    await setImmediate();
    this.begin();
  }
}
