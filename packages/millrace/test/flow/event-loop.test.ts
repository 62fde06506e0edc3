/** What is left to others of a thread on which a flow works: to the application, and to the user’s own code on flow threads. */
import { setImmediate } from 'node:timers/promises';
import { pipeline, sequences } from 'millrace';
import { expect, test } from 'vitest';
import { cleanUp, fixture, nums, Shared, start, until, WRITERS } from '../support/lifecycle.ts';

cleanUp();

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
      .process(fixture('processors.mjs'), { export: 'bare', threads: 2, blockBytes: 1 })
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

test.each([
  ['a processor', 'ticks', false],
  ['a processor whose promises are all settled', 'asyncTicks', false],
  ['a writer', 'ticks', true],
])('timers of %s go on while its thread sleeps, and while it has work', async (_, name, isWriter) => {
  const shared = new Shared();
  const user = { export: name, data: shared.data };
  const flow = await start({
    pipeline: { capacity: 4_096 },
    process: isWriter ? { batchBytes: 16 } : user,
    write: isWriter ? WRITERS : () => {},
    writeOptions: isWriter ? user : {},
  });
  const ticks = (): number => shared.read(1);
  const rested = ticks();
  await until(() => ticks() > rested + 5);
  const began = ticks();
  await flow.publish(nums(2_000));
  await flow.settled();
  // 400 ms of work, with a turn after 25 each.
  expect(ticks() - began).toBeGreaterThan(3);
});

test('a thread that spins gives its event loop turns, too', async () => {
  const shared = new Shared();
  await start({ pipeline: { wait: 'spin' }, process: { export: 'ticks', data: shared.data } });
  const began = shared.read(1);
  await until(() => shared.read(1) > began + 2);
});
