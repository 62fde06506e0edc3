/** `toRing({ readyAt })`: how much of a ring that was full has to be free before the writer goes on. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Flow, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  drained,
  fixture,
  MODES,
  type Mode,
  type Num,
  nums,
  start,
  until,
} from '../support/lifecycle.ts';

cleanUp();

const CAPACITY = 64;
const TOTAL = 64 * 8;

const waits = (flow: Flow<Num, Num>): boolean => flow.stats().threads[1]!.waiting === 'demand';

/** A flow whose ring is full, and which has computed everything: the writer never waits for items. (Inline, all wait with it.) */
async function full(mode: Mode, readyAt: number | undefined, total = TOTAL): Promise<Flow<Num, Num>> {
  const write = toRing({ capacity: CAPACITY, readyAt });
  const flow = await start<Num, Num>({ mode, pipeline: { capacity: 1_024, wait: 'park' }, write });
  await flow.publish(nums(total));
  const isComputed = (): boolean => mode === 'inline' || flow.stats().threads[2]!.sequences === total;
  await until(() => waits(flow) && flow.published === CAPACITY && isComputed());
  return flow;
}

/**
 * Reads a flow whose ring is full, batch by batch: holds each one until the writer has done what it may do by then. Throws
 * where the writer does more, or less. Returns how often the writer slept.
 */
async function readInStep(flow: Flow<Num, Num>, least: number): Promise<number> {
  const slept = flow.stats().threads[1]!.parks;
  const draining = flow.drain();
  const got: Num[] = [];
  let filled = CAPACITY;
  let free = 0;
  for await (const batch of flow.results().batches()) {
    if (free >= least) {
      filled = Math.min(filled + free, TOTAL);
      free = 0;
    }
    // Time for what is not to happen.
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
    await until(
      () => flow.published === filled && (waits(flow) || filled === TOTAL),
      () => `${flow.published} in place of ${filled}`,
    );
    got.push(...batch);
    free += batch.length;
  }
  await draining;
  expect(got).toEqual(nums(TOTAL));
  return flow.stats().threads[1]!.parks - slept;
}

describe.each(MODES)('readyAt in the mode %s', (mode) => {
  it('is the room for which a writer waits that found the ring full; it sleeps less often', async () => {
    // As a ring has it that is not told: a writer that sleeps is woken by an eighth, and a batch has a quarter.
    const often = await readInStep(await full(mode, undefined), CAPACITY / 8);
    for (const [readyAt, least] of [
      [0.25, 16],
      [40, 40],
      [0.75, 48],
      [CAPACITY, CAPACITY],
      [0.999, CAPACITY],
    ] as const) {
      const seldom = await readInStep(await full(mode, readyAt), least);
      if (least >= 40) expect(seldom).toBeLessThan(often / 2);
    }
  });

  it('does not hold back the last items, where fewer are left than have to be free', async () => {
    const flow = await full(mode, CAPACITY, CAPACITY + 3);
    expect(await drained(flow)).toEqual(nums(CAPACITY + 3));
  });

  it('is for a full ring alone: one that has room takes an item at once', async () => {
    const flow = await start<Num, Num>({ mode, write: toRing({ capacity: 4, readyAt: 4 }) });
    const results = flow.results()[Symbol.asyncIterator]();
    for (let n = 0; n < 3; n++) {
      await flow.publish({ n });
      await flow.settled();
    }
    for (let n = 0; n < 3; n++) expect((await results.next()).value).toEqual({ n });
  });

  it('a stop ends the wait, and so does the leaving of the last reader', async () => {
    const flow = await full(mode, CAPACITY);
    await flow.stop();
    expect(flow.state).toBe('stopped');
    const left = await full(mode, CAPACITY);
    for await (const _ of left.results()) break;
    await left.ended;
    expect(left.state).toBe('stopped');
  });

  it('two readers: the slower one counts, and one that leaves does not', async () => {
    const flow = await full(mode, 32);
    const [one, two] = [flow.results(), flow.results()];
    const slow = two.batches();
    const first = await slow.next();
    expect(first.value!.length).toBe(CAPACITY / 4);
    const reading = collect(one);
    const draining = flow.drain();
    // All of it is read by one, and nothing is given back by the other.
    await until(() => waits(flow) && flow.published === CAPACITY);
    await slow.return();
    expect(await reading).toEqual(nums(TOTAL));
    await draining;
  });
});

describe('readyAt and other threads', () => {
  it('a reader on a thread of its own reads everything', async () => {
    const flow = await full('threads', CAPACITY);
    const worker = new Worker(fixture('reader.mjs'), { workerData: { handle: flow.reader(), how: 'batches' } });
    await once(worker, 'message');
    const told = once(worker, 'message');
    await flow.drain();
    const [{ items }] = (await told) as [{ items: Num[] }];
    await worker.terminate();
    expect(items).toEqual(nums(TOTAL));
  });

  it('a writer that dies while it waits has a successor that goes on', async () => {
    const flow = await full('threads', CAPACITY);
    const restarted = once(flow, 'restart');
    await flow.kill('writer');
    await restarted;
    expect(await drained(flow)).toEqual(nums(TOTAL));
  });
});
