import { describe, expect, test } from 'vitest';
import { add, load, store, type Words } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import { type Model, model } from '../src/model.ts';
import { outcomesOf } from './support/outcomes.ts';
import { programModel, randomProgram } from './support/programs.ts';
import { words } from './support/words.ts';

/** Fails only if `high` is interrupted twice, at the right places. */
const needsTwoPreemptions: Model<Words> = model({
  name: 'two preemptions',
  setup: words(2),
  threads: {
    high(w: Words) {
      const first = load(w, 0);
      const second = load(w, 0);
      const third = load(w, 0);
      if (first + 1 === second && second + 1 === third) throw new Error('seen in three states');
    },
    low: (w: Words) => [add(w, 0, 1), add(w, 0, 1)],
  },
});

describe('a preemption bound', () => {
  test('leaves out what needs more, and says so', async () => {
    const below = await check(needsTwoPreemptions, { preemptions: 2 });
    expect(below).toMatchObject({ verdict: 'bounded', bound: '2 preemptions', failure: null });
    const enough = await check(needsTwoPreemptions, { preemptions: 3 });
    expect(enough.failure?.message).toMatch(/seen in three states/);
  });
});

describe('chance', () => {
  test.each(['random', 'pct'] as const)(
    '%s finds a bug that is not too deep, the same one for the same seed',
    async (search) => {
      const one = await check(needsTwoPreemptions, { search, seed: 7, depth: 4 });
      const two = await check(needsTwoPreemptions, { search, seed: 7, depth: 4 });
      expect(one.failure?.message).toMatch(/seen in three states/);
      expect(two.failure?.schedule).toBe(one.failure?.schedule);
      expect(two.executions).toBe(one.executions);
    },
  );
  test('a sample that finds nothing is no proof, and says how large it was', async () => {
    const harmless = model({ name: 'harmless', setup: words(1), threads: [(w: Words) => store(w, 0, 1)] });
    const report = await check(harmless, { search: 'pct', samples: 20, seed: 3 });
    expect(report).toMatchObject({ verdict: 'sampled', bound: '20 samples, seed 3', executions: 20 });
  });
});

describe('the tests of the checker can fail', () => {
  test.each(['racingThreadOnly', 'lastAccessOnly', 'deepSleep'] as const)(
    'a search with the flaw %s loses endings',
    async (flaw) => {
      let wrong = 0;
      for (let seed = 0; seed < 400; seed++) {
        const program = programModel(`program ${seed}`, randomProgram(7_000_000 + seed, { waits: seed % 2 === 0 }));
        const naive = await outcomesOf(program, { races: false, search: 'naive' });
        const flawed = await outcomesOf(program, { races: false }, { [flaw]: true });
        if (flawed.outcomes.join() !== naive.outcomes.join()) wrong++;
      }
      expect(wrong).toBeGreaterThan(0);
    },
  );
});
