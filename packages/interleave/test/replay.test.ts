import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { load, notify, racyLoad, store, type Words, wait } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import { type Model, model } from '../src/model.ts';
import type { Options } from '../src/options.ts';
import { replay } from '../src/replay.ts';
import { formatSchedule, parseSchedule } from '../src/report/schedule.ts';
import { words } from './support/words.ts';

describe('schedules', () => {
  const choices = 'aaabD'.split('').map((letter) => ({ thread: letter === 'a' ? 0 : 1, variant: 0 }));

  test('are short and come back', () => {
    const schedule = [
      ...choices.slice(0, 4),
      { thread: 1, variant: 1 },
      { thread: 2, variant: 4 },
      { thread: 7, variant: 99 },
      ...Array.from({ length: 12 }, () => ({ thread: 0, variant: 0 })),
    ];
    expect(formatSchedule(schedule)).toBe('a3bbDcAh(99)a12');
    expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
    expect(parseSchedule('')).toEqual([]);
  });
  test('come back, whatever they hold', () => {
    const variant = constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 40, 1000);
    const choice = record({ thread: integer({ min: 0, max: 7 }), variant });
    const comesBack = property(array(choice, { maxLength: 40 }), (schedule) => {
      expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
    });
    assert(comesBack);
  });
  test('that are none are refused', () => expect(() => parseSchedule('a2!b')).toThrow('no schedule: !b'));
});

const broken: Model<Words> = model({
  name: 'broken hand-over',
  setup: words(3),
  threads: {
    giver(w: Words) {
      store(w, 0, 1);
      w[1] = 5;
      notify(w, 0);
    },
    taker(w: Words) {
      if (load(w, 0) === 0) wait(w, 0, 0);
      return w[1];
    },
  },
});

describe('a replay', () => {
  test.each<[string, Options]>([
    ['dpor', {}],
    ['states', { search: 'states' }],
    ['bounded', { preemptions: 1 }],
    ['naive', { search: 'naive' }],
    ['random', { search: 'random' }],
    ['pct', { search: 'pct', depth: 2 }],
  ])('shows the failure that the search found (%s)', async (_, options) => {
    const { failure } = await check(broken, options);
    expect(failure?.kind).toBe('race');
    const again = await replay(broken, failure!.schedule, options);
    expect(again.failure?.message).toBe(failure!.message);
    expect(again.trace).toBe(failure!.trace);
  });

  test('tells each access in its thread’s column, with its source line', async () => {
    const { failure } = await check(broken);
    const lines = failure!.trace.split('\n');
    expect(lines[0]).toMatch(/^ step {2}giver +taker +source$/);
    expect(failure!.trace).toMatch(/store @0 ← 1 .*replay\.test\.ts:\d+:\d+/);
    expect(failure!.trace).toMatch(/@4 := 5 .*replay\.test\.ts:\d+:\d+/);
    expect(failure!.trace).toMatch(/reads @4 → \d .*replay\.test\.ts:\d+:\d+/);
  });

  test('replays choices inside a step', async () => {
    const stale = model({
      name: 'stale',
      setup: words(1),
      options: { deaths: { threads: ['writer'] } },
      threads: {
        writer: (w: Words) => [store(w, 0, 1), store(w, 0, 2)],
        reader: (w: Words) => [racyLoad(w, 0), racyLoad(w, 0)],
      },
      after(_, { results, dead }) {
        if (dead.length === 1 && String(results.reader) === '1,0') throw new Error('dead, and read backwards');
      },
    });
    const { failure } = await check(stale);
    expect(failure?.message).toBe('dead, and read backwards');
    expect(failure?.schedule).toMatch(/aD/);
    expect((await replay(stale, failure!.schedule)).failure?.message).toBe(failure?.message);
  });

  test('of an execution that ends well tells its outcome', async () => {
    const fine = model({
      name: 'fine',
      setup: words(1),
      threads: [(w: Words) => store(w, 0, 1), (w: Words) => load(w, 0)],
      after: (_, { results }) => results[1],
    });
    expect(await replay(fine, 'ab')).toMatchObject({ failure: null, outcome: '1' });
    expect(await replay(fine, 'ba')).toMatchObject({ failure: null, outcome: '0' });
    await expect(replay(fine, 'a2b')).rejects.toThrow('step 2 is not possible');
  });
});
