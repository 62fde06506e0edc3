/** What is left to the application of the thread on which a flow’s function runs. */
import { setImmediate } from 'node:timers/promises';
import { pipeline, sequences } from 'millrace';
import { expect, test } from 'vitest';
import { fixture } from '../support/lifecycle.ts';

const EVENTS = 4_000;
const BATCH_MS = 0.5;
/** A turn is due after 5 ms of work. */
const BATCHES_PER_TURN = 10;

function writeSlowly(): void {
  const end = performance.now() + BATCH_MS;
  while (performance.now() < end);
}

// Fails where the writer’s loop runs through all that its lane holds: 99 and 350.
test.each(['threads', 'inline'] as const)(
  'a slow function that writes leaves the event loop its turns: %s',
  async (mode) => {
    let inARow = 0;
    let longest = 0;
    const flow = await pipeline({ source: sequences(EVENTS) })
      .process(fixture('processors.mjs'), { export: 'bare', threads: 2 })
      .write(() => {
        longest = Math.max(longest, ++inARow);
        writeSlowly();
      })
      .start({ mode });
    let isOver = false;
    const ended = flow.ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      await setImmediate();
      inARow = 0;
    }
    await ended;
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThanOrEqual(3 * BATCHES_PER_TURN);
  },
);
