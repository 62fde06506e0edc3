/** Threads that die while a writer module has several batches in flight. */
import { once } from 'node:events';
import type { WriteOptions } from 'millrace';
import { expect, it } from 'vitest';
import { cleanUp, fixture, type Num, nums, start, until } from '../support/lifecycle.ts';

cleanUp();

const MODULES = fixture('flight-writers.mjs', '');
const EVENTS = 600;

/** A flow into one of the writers, and what these have noted. */
async function flying(options: WriteOptions = {}) {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const log = new Int32Array(new SharedArrayBuffer(4 * 65_536));
  const taken = new Int32Array(new SharedArrayBuffer(4 * EVENTS));
  const flow = await start<Num>({
    pipeline: { capacity: 1_024, restarts: { delayMs: 0 } },
    process: { threads: 2 },
    write: MODULES,
    writeOptions: { data: { words: words.buffer, log: log.buffer, taken: taken.buffer }, ...options },
  });
  return {
    flow,
    taken,
    read: (word: number) => Atomics.load(words, word),
    /** Promises of events below that one resolve from now on. */
    let: (event: number) => Atomics.store(words, 4, event),
    came: () => [...log.subarray(1, 1 + Atomics.load(log, 0))],
    async kill(thread: string) {
      const restarted = once(flow, 'restart');
      await flow.kill(thread);
      await restarted;
    },
  };
}

it('a writer that dies with eight batches in flight is given all from the lowest one on again', async () => {
  const { flow, came, taken, read, let: letUpTo, kill } = await flying();
  await flow.publish(nums(EVENTS));
  letUpTo(100);
  await until(() => flow.published === 100 && read(0) === 108);
  await kill('writer');
  await until(() => read(0) === 116);
  expect(came().slice(100)).toEqual([...Array(2)].flatMap(() => nums(8, 100).map(({ n }) => n)));
  letUpTo(EVENTS);
  await flow.drain();
  expect(came().slice(108)).toEqual(nums(EVENTS - 100, 100).map(({ n }) => n));
  expect([...taken]).toEqual(nums(EVENTS).map(() => 1));
  expect(flow.stats()).toMatchObject({ published: EVENTS, restarts: 1 });
});

it('a processor that dies meanwhile has nothing handed over twice', async () => {
  const { flow, came, read, let: letUpTo, kill } = await flying();
  await flow.publish(nums(EVENTS));
  await until(() => read(0) === 8);
  await kill('processor 0');
  letUpTo(EVENTS / 2);
  await until(() => read(0) > EVENTS / 4);
  await kill('processor 1');
  letUpTo(EVENTS);
  await flow.drain();
  expect(came()).toEqual(nums(EVENTS).map(({ n }) => n));
});

it('a store commits what lies back to back, with nothing in flight, and has each item once', async () => {
  const { flow, taken, read, let: letUpTo, kill } = await flying({ export: 'store' });
  const publishing = flow.publish(nums(EVENTS));
  for (const event of [100, 250, 400]) {
    letUpTo(event);
    await until(() => read(5) > event - 100);
    await kill('writer');
  }
  letUpTo(EVENTS);
  await publishing;
  await flow.drain();
  expect([...taken]).toEqual(nums(EVENTS).map(() => 1));
  expect(read(3)).toBe(0);
  expect(read(2)).toBeGreaterThan(0);
  expect(read(5)).toBe(EVENTS);
});

it('takes what write says before what the module says', async () => {
  const given = await flying({ maxInFlight: 3 });
  await given.flow.publish(nums(50));
  await until(() => given.read(0) === 3);
  given.let(EVENTS);
  await given.flow.drain();
  const one = await flying({ export: 'plain', batches: 'sequence' });
  await one.flow.publish(nums(50));
  await until(() => one.read(0) > 0);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect([given.read(0), one.read(0)]).toEqual([50, 1]);
  one.let(EVENTS);
  await one.flow.drain();
  expect(one.read(0)).toBe(50);
});
