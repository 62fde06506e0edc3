import { setImmediate } from 'node:timers/promises';
import type { DutyCycle } from './duty-cycle.ts';
import type { Parker } from './parker.ts';

/** After so many milliseconds of uninterrupted work and short sleeps the event loop of a thread has a turn. */
const TURN_MS = 25;
/** A sleep that takes longer than this goes on through the event loop. */
const LONG_SLEEP_MS = 10;

/**
 * Runs a duty cycle until it is done, on a thread of its own, on which code of the user's runs: it may block, and what that
 * code left to the event loop (timers, sockets, continuations of promises) moves on all the same.
 *
 * A thread whose code has returned a promise waits through its event loop. Any other thread sleeps in `Atomics.wait` while its
 * sleeps are short; one that turns out long goes on through the event loop, without a time-out. Under load the loop has a turn
 * now and then, by the readings of the clock that the thread makes anyway.
 */
export async function runHosted(cycle: DutyCycle, parker: Parker): Promise<void> {
  const { clock } = parker;
  const beginTurn = (): void => {
    clock.read();
    clock.turnDue = clock.now + TURN_MS;
  };
  beginTurn();
  while (!cycle.done) {
    const work = cycle.doWork();
    const did = typeof work === 'number' ? work : await work;
    if (cycle.done) return;
    if (clock.now >= clock.turnDue) {
      await setImmediate();
      beginTurn();
      continue;
    }
    if (did !== 0 || (cycle.isAsync === true ? parker.spin(cycle) : parker.park(cycle, LONG_SLEEP_MS))) continue;
    const parking = parker.parkAsync(cycle, cycle.isAsync === true ? 0 : LONG_SLEEP_MS);
    if (parking !== false && (await parking)) beginTurn();
  }
}
