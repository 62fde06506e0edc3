/** `toRing({ sequences: true })`: the batches of a ring say of which sequences its items are. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Flow, type ItemBatch, type SequencedBatch, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import { type ItemPlace, placesOf } from '../support/batch-check.ts';
import { cleanUp, fixture, MODES, type Num, nums, start, until } from '../support/lifecycle.ts';

cleanUp();

/** Events of so many items each: none, few, more than a quarter of the ring, which is what a batch has at most. */
const COUNTS = [0, 1, 3, 0, 0, 40, 2, 1, 7, 0, 100, 1];
const events = (turns: number): Num[] => Array.from({ length: turns }, () => COUNTS.map((n) => ({ n }))).flat();

interface Seen {
  readonly items: number[];
  readonly places: ItemPlace[];
  readonly ends: number[];
}

/** What a flow of these events makes, from `startAt` on. */
function made(of: readonly Num[], startAt: number): Seen {
  const places = of.flatMap(({ n }, i) => Array.from({ length: n }, (_, index): ItemPlace => [startAt + i, index]));
  return { items: places.map(([, index]) => index), places, ends: [...new Set(places.map(([s]) => s))] };
}

function see(seen: Seen, batch: SequencedBatch<Num>): void {
  const places = placesOf(batch);
  for (const [i, [sequence]] of places.entries()) expect(batch.sequenceAt(i)).toBe(sequence);
  for (let run = 0; run < batch.runs; run++) {
    if (run > 0) expect(batch.runSequence(run)).toBeGreaterThan(batch.runSequence(run - 1));
    if (batch.runEnds(run)) seen.ends.push(batch.runSequence(run));
  }
  seen.items.push(...batch.toArray().map(({ n }) => n));
  seen.places.push(...places);
}

async function readAll(flow: Flow<Num, Num>): Promise<Seen> {
  const seen: Seen = { items: [], places: [], ends: [] };
  for await (const batch of flow.results().batches()) see(seen, batch as SequencedBatch<Num>);
  return seen;
}

const repeat = { export: 'repeat', threads: 2, batchBytes: 64 };

describe.each(MODES)('a ring that keeps sequences, in the mode %s', (mode) => {
  it.each([0, 2 ** 32 - 20, 2 ** 52 - 30])('says of each item which it is, from sequence %d on', async (startAt) => {
    const write = toRing({ capacity: 64, sequences: true });
    const flow = await start<Num, Num>({ mode, pipeline: { startAt }, process: repeat, write });
    const of = events(20);
    const publishing = flow.publish(of).then(() => flow.drain());
    const [one, two] = await Promise.all([readAll(flow), readAll(flow)]);
    await publishing;
    expect(one).toEqual(made(of, startAt));
    expect(two).toEqual(one);
  });

  it('knows the middle of a sequence, for a reader that comes late, and when a sequence is not at its end', async () => {
    const write = toRing({ capacity: 16, sequences: true });
    const flow = await start<Num, Num>({ mode, process: { export: 'repeat' }, write });
    await flow.publish({ n: 50 });
    const first = flow.results().batches();
    for (let read = 0; read < 22; ) read += (await first.next()).value!.length;
    const late = (await flow.results().batches().next()).value as SequencedBatch<Num>;
    expect(late.first).toBeGreaterThan(0);
    expect([late.runs, late.runSequence(0), late.runFirst(0), late.runEnds(0)]).toEqual([1, 0, late.first, false]);
    await flow.stop();
  });

  it('refuses runs and items that a batch does not have', async () => {
    const flow = await start<Num, Num>({ mode, process: repeat, write: toRing({ sequences: true }) });
    await flow.publish([{ n: 1 }, { n: 2 }]);
    await flow.settled();
    const batch = (await flow.results().batches().next()).value as SequencedBatch<Num>;
    expect([batch.length, batch.runs]).toEqual([3, 2]);
    for (const bad of [-1, 2, 0.5, Number.NaN, '0']) {
      for (const call of ['runSequence', 'runBegin', 'runEnd', 'runFirst', 'runEnds'] as const) {
        expect(() => batch[call](bad as number)).toThrow(
          `run ${bad} of the runs of a batch of 2: give an index from 0 to 1`,
        );
      }
    }
    for (const bad of [-1, 3, 0.5, Number.NaN, '0']) expect(() => batch.sequenceAt(bad as number)).toThrow(RangeError);
    await flow.stop();
  });

  it('is one that was asked for: the batches of another have no runs', async () => {
    const flow = await start<Num, Num>({ mode });
    await flow.publish(nums(3));
    const batch = (await flow.results().batches().next()).value as ItemBatch<Num>;
    for (const name of ['runs', 'runSequence', 'runEnds', 'sequenceAt']) expect(name in batch).toBe(false);
    await flow.stop();
  });
});

describe('a ring that keeps sequences, and threads', () => {
  it('tells readers on other threads', async () => {
    const flow = await start<Num, Num>({ process: repeat, write: toRing({ capacity: 64, sequences: true }) });
    const worker = new Worker(fixture('reader.mjs'), { workerData: { handle: flow.reader(), how: 'runs' } });
    await once(worker, 'message');
    const told = once(worker, 'message');
    const of = events(20);
    await flow.publish(of);
    await flow.drain();
    const [{ items }] = (await told) as [{ items: [number, number, number, boolean][] }];
    await worker.terminate();
    const { places, ends } = made(of, 0);
    const runs = items.flatMap(([sequence, first, count]) =>
      Array.from({ length: count }, (_, i): ItemPlace => [sequence, first + i]),
    );
    expect(runs).toEqual(places);
    expect(items.filter(([, , , ends]) => ends).map(([sequence]) => sequence)).toEqual(ends);
  });

  it('keeps them right when its writer, and its processors, die', async () => {
    const write = toRing({ capacity: 64, sequences: true });
    const pipeline = { capacity: 1_024, restarts: { max: 100, delayMs: 0 } };
    const flow = await start<Num, Num>({ pipeline, process: { ...repeat, laneBytes: 1_024 }, write });
    const of = events(30);
    await flow.publish(of);
    const seen: Seen = { items: [], places: [], ends: [] };
    let restarts = 0;
    flow.on('restart', () => restarts++);
    const draining = flow.drain();
    const names = ['writer', 'processor 0', 'writer', 'processor 1', 'writer'];
    for await (const batch of flow.results().batches()) {
      see(seen, batch as SequencedBatch<Num>);
      const name = names[0];
      // One after the other, each when the ring is full again: most is still to come.
      const isFull = flow.stats().threads[1]!.waiting === 'demand';
      if (name === undefined || !isFull) continue;
      names.shift();
      const before = restarts;
      await flow.kill(name);
      await until(() => restarts > before);
    }
    await draining;
    expect(restarts).toBe(5);
    expect(seen).toEqual(made(of, 0));
  });
});
