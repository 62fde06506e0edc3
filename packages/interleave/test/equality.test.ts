import { describe, expect, test } from 'vitest';
import type { Options } from '../src/options.ts';
import { outcomesOf } from './support/outcomes.ts';
import { programModel, randomProgram, type Taste } from './support/programs.ts';

/** Programs whose endings under `options` differ from those of the naive search. */
async function differing(from: number, count: number, taste: Taste, options: Options): Promise<string[]> {
  const different: string[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const program = randomProgram(seed, taste);
    const model = programModel(`program ${seed}`, program);
    const naive = await outcomesOf(model, { races: false, ...options, search: 'naive' });
    const reduced = await outcomesOf(model, { races: false, ...options });
    if (naive.failure ?? reduced.failure) different.push(`${seed}: ${naive.failure} ${reduced.failure}`);
    if (naive.outcomes.join() !== reduced.outcomes.join()) {
      const lost = naive.outcomes.filter((outcome) => !reduced.outcomes.includes(outcome));
      const extra = reduced.outcomes.filter((outcome) => !naive.outcomes.includes(outcome));
      different.push(`${seed}: ${JSON.stringify(program)} lost ${lost.join()} extra ${extra.join()}`);
    }
  }
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
