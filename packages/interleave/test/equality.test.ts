import { describe, expect, test } from 'vitest';
import type { Options } from '../src/options.ts';
import { outcomesOf } from './support/outcomes.ts';
import { programModel, randomProgram, type Taste } from './support/programs.ts';

/** Programs whose endings under `options` differ from those of the naive search. */
async function differing(from: number, count: number, taste: Taste, options: Options): Promise<string[]> {
  const different: string[] = [];
  let endings = 0;
  for (let seed = from; seed < from + count; seed++) {
    const program = randomProgram(seed, taste);
    const model = programModel(`program ${seed}`, program);
    const naive = await outcomesOf(model, { races: false, ...options, search: 'naive' });
    const reduced = await outcomesOf(model, { races: false, ...options });
    endings += naive.outcomes.length;
    if (naive.failure ?? reduced.failure) different.push(`${seed}: ${naive.failure} ${reduced.failure}`);
    if (naive.outcomes.join() !== reduced.outcomes.join()) {
      const lost = naive.outcomes.filter((outcome) => !reduced.outcomes.includes(outcome));
      const extra = reduced.outcomes.filter((outcome) => !naive.outcomes.includes(outcome));
      different.push(`${seed}: ${JSON.stringify(program)} lost ${lost.join()} extra ${extra.join()}`);
    }
  }
  // Programs that all end in one way would prove nothing.
  expect(endings).toBeGreaterThan(1.5 * count);
  return different;
}

describe('the reduced search finds the same endings as the naive one', () => {
  test('atomics', async () => expect(await differing(0, 400, {}, {})).toEqual([]));
  test('wait and notify', async () => expect(await differing(10_000, 600, { waits: true }, {})).toEqual([]));
  test('any order of notify', async () =>
    expect(await differing(20_000, 200, { waits: true }, { notifyOrder: 'any' })).toEqual([]));
  test('time-outs', async () =>
    expect(await differing(30_000, 300, { waits: true, timeouts: true }, { timeouts: true })).toEqual([]));
  test('spurious wakes', async () =>
    expect(await differing(40_000, 200, { waits: true }, { spuriousWakes: 1 })).toEqual([]));
  test('deaths', async () =>
    expect(await differing(50_000, 300, { waits: true, maxSteps: 7 }, { deaths: { atMost: 1 } })).toEqual([]));
  test('two deaths', async () =>
    expect(await differing(60_000, 100, { waits: true, maxSteps: 6 }, { deaths: { atMost: 2 } })).toEqual([]));
  test('spins', async () => expect(await differing(70_000, 400, { spins: true, maxSteps: 6 }, {})).toEqual([]));
  test('async bodies', async () =>
    expect(await differing(120_000, 150, { async: true, waits: true, maxSteps: 10 }, {})).toEqual([]));
  test('async bodies that die or time out', async () =>
    expect(
      await differing(
        130_000,
        150,
        { async: true, timeouts: true, maxSteps: 7 },
        { deaths: {}, timeouts: true, spuriousWakes: 1 },
      ),
    ).toEqual([]));
  test('joins', async () =>
    expect(await differing(140_000, 200, { joins: true, waits: true, maxSteps: 9 }, { deaths: {} })).toEqual([]));
  test('racy loads', async () => expect(await differing(80_000, 200, { racy: true }, {})).toEqual([]));
  test('everything', async () =>
    expect(
      await differing(
        90_000,
        200,
        { waits: true, spins: true, racy: true, timeouts: true, maxSteps: 6 },
        { timeouts: true, spuriousWakes: 1, deaths: {} },
      ),
    ).toEqual([]));
  for (const preemptions of [0, 1, 2]) {
    test(`within ${preemptions} preemptions`, async () =>
      expect(await differing(100_000, 200, { waits: true, spins: true }, { preemptions })).toEqual([]));
  }
  test('states', async () =>
    expect(await differing(110_000, 200, { waits: true, spins: true, racy: true }, { search: 'states' })).toEqual([]));
});

describe('the reduced search finds a data race where the naive one does, and nowhere else', () => {
  test.each<[string, Taste, Options]>([
    ['dpor', {}, {}],
    ['dpor with waits', { waits: true }, {}],
    ['dpor with racy loads and deaths', { racy: true, maxSteps: 8 }, { deaths: {} }],
    ['states', {}, { search: 'states' }],
    ['within 1 preemption', {}, { preemptions: 1 }],
  ])('%s', async (_, taste, options) => {
    const different: number[] = [];
    const racy = [0, 0];
    for (let seed = 200_000; seed < 200_300; seed++) {
      const program = programModel(`program ${seed}`, randomProgram(seed, { ...taste, plain: true }));
      const naive = await outcomesOf(program, { ...options, search: 'naive' });
      const reduced = await outcomesOf(program, options);
      racy[naive.failure === null ? 0 : 1]++;
      if ((naive.failure === null) !== (reduced.failure === null)) different.push(seed);
    }
    expect(different).toEqual([]);
    expect(Math.min(...racy)).toBeGreaterThan(10);
  });
});
