import { describe, expect, test } from 'vitest';
import { add, load, store, type Words } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { ThreadBody } from '../src/model.ts';
import type { Options } from '../src/options.ts';
import { outcomesOf } from './support/outcomes.ts';
import { programModel, randomProgram } from './support/programs.ts';
import { words } from './support/words.ts';

async function executions(threads: ThreadBody<Words>[], options: Options = {}): Promise<number> {
  const report = await check<Words>({ name: 'counted', setup: words(16), threads }, options);
  expect(report.failure).toBeNull();
  return report.executions;
}

const times = (count: number, step: (w: Words, i: number) => void) => (w: Words) => {
  for (let i = 0; i < count; i++) step(w, i);
};

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

describe('numbers of executions', () => {
  test.each([1, 2, 4, 6])('%i independent stores a thread: one execution, in place of C(2n, n)', async (n) => {
    const threads = [times(n, (w) => store(w, 0, 1)), times(n, (w) => store(w, 1, 1))];
    expect(await executions(threads)).toBe(1);
    expect(await executions(threads, { search: 'naive' })).toBe(choose(2 * n, n));
  });

  test.each([
    [1, 1],
    [3, 2],
    [5, 5],
    [7, 4],
  ])('%i and %i writes to one word: every order counts', async (n, m) => {
    const threads = [times(n, (w) => add(w, 0, 1)), times(m, (w) => add(w, 0, 1))];
    expect(await executions(threads)).toBe(choose(n + m, n));
    expect(await executions(threads, { search: 'naive' })).toBe(choose(n + m, n));
  });

  test('three threads of n writes: the multinomial', async () => {
    const thread = times(3, (w) => add(w, 0, 1));
    expect(await executions([thread, thread, thread])).toBe(1680);
  });

  test.each([1, 3, 6])('one writer and %i readers: each reads before or after', async (n) => {
    const readers = Array.from({ length: n }, () => (w: Words) => load(w, 0));
    expect(await executions([(w) => store(w, 0, 1), ...readers])).toBe(2 ** n);
  });

  // The classes of "lastzero" in Abdulla et al. 2014, table 1: 64 for n = 5, 3,328 for n = 10.
  test.each([2, 3, 4, 5, 6, 7])('lastzero(%i): (n + 3) · 2^(n-2)', async (n) => {
    const search = (w: Words) => {
      let at = n;
      while (load(w, at) !== 0) at--;
      return at;
    };
    const writers = Array.from({ length: n }, (_, i) => (w: Words) => store(w, i + 1, load(w, i) + 1));
    expect(await executions([search, ...writers])).toBe((n + 3) * 2 ** (n - 2));
  });

  test('random programs: exactly one execution of each class, which the search by states counts in its own way', async () => {
    for (let seed = 300_000; seed < 300_200; seed++) {
      const program = programModel(`program ${seed}`, randomProgram(seed, { waits: true }));
      const reduced = await outcomesOf(program, { races: false });
      const classes = await outcomesOf(program, { races: false, search: 'states' });
      expect([seed, reduced.executions]).toEqual([seed, classes.executions]);
    }
  });

  test('a spin costs one execution that is given up, and no more', async () => {
    const report = await check<Words>({
      name: 'flag',
      setup: words(1),
      threads: [
        (w) => store(w, 0, 1),
        (w) => {
          while (load(w, 0) === 0);
        },
      ],
    });
    expect([report.executions, report.pruned]).toEqual([2, 1]);
  });
});
