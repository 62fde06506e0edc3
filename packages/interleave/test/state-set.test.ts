import { describe, expect, test } from 'vitest';
import { add, type Words } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import { StateSet } from '../src/search/state-set.ts';
import { words } from './support/words.ts';

describe('the set of states', () => {
  test('knows what was added, through all its growth, and tells apart what differs in one half', () => {
    const set = new StateSet();
    const expected = new Map<string, number>();
    let seed = 1;
    for (let i = 0; i < 50_000; i++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
      // Few different halves, so that they come again in other pairs, and low bits that collide.
      const [high, low, preemptions] = [(seed >>> 8) % 200, ((seed >>> 16) % 200) << 12, (seed >>> 4) % 3];
      const key = `${high} ${low}`;
      const best = expected.get(key);
      expect(set.add(high, low, preemptions)).toBe(best === undefined || best > preemptions);
      expected.set(key, Math.min(best ?? preemptions, preemptions));
    }
    expect(set.size).toBe(expected.size);
    expect(set.size).toBeGreaterThan(10_000);
  });
  test('knows zero and negative halves, and refuses a count that it cannot keep', () => {
    const set = new StateSet();
    const added = [set.add(0, 0, 0), set.add(0, 0, 0), set.add(-1, -1, 0), set.add(-1, 0, 0)];
    expect([...added, set.size]).toEqual([true, false, true, true, 3]);
    expect([set.add(5, 5, 65_534), set.add(5, 5, 65_534), set.add(5, 5, 65_533)]).toEqual([true, false, true]);
    expect(() => set.add(5, 5, 65_535)).toThrow('65534 at most');
  });
});

describe('more states than the cap', () => {
  const adds = (w: Words) => void [add(w, 0, 1), add(w, 0, 1), add(w, 0, 1)];
  const model = { name: 'many states', setup: words(1), threads: [adds, adds, adds] };

  test('are a failure and no shorter search', async () => {
    const report = await check(model, { search: 'states', maxStates: 100 });
    expect(report.verdict).toBe('failed');
    expect(report.failure?.kind).toBe('state-cap');
    expect(report.failure?.message).toBe('more than 100 states (option maxStates): make the model smaller or bound it');
  });
  test('as many as the cap are none', async () => {
    // Three threads of three adds each to one word: every order so far is a state.
    const orders = (left: readonly number[]): number =>
      left.reduce((sum, n, i) => sum + (n === 0 ? 0 : orders(left.with(i, n - 1))), 1);
    const states = orders([3, 3, 3]);
    expect((await check(model, { search: 'states', maxStates: states })).verdict).toBe('complete');
    expect((await check(model, { search: 'states', maxStates: states - 1 })).failure?.kind).toBe('state-cap');
  });
});
