import { expect, test } from 'vitest';
import { type Indexed, Views } from '../../../src/writer/item-iterator.ts';

const batch = (length: number): Indexed<number> => ({ length, at: (index) => 10 * index, copy: (index) => 10 * index });

test('loops over views one after the other use one iterator', () => {
  const views = new Views(batch(3));
  const first = views.begin();
  expect([...first]).toEqual([0, 10, 20]);
  const second = views.begin();
  expect(second).toBe(first);
  expect([...second]).toEqual([0, 10, 20]);
});

test('loops inside one another, and one that was left in the middle, do not meet', () => {
  const views = new Views(batch(2));
  // There is one to use again.
  expect([...views.begin()]).toEqual([0, 10]);
  const pairs: number[][] = [];
  for (const outer of views.begin()) {
    for (const inner of views.begin()) pairs.push([outer, inner]);
  }
  expect(pairs).toEqual([
    [0, 0],
    [0, 10],
    [10, 0],
    [10, 10],
  ]);
  for (const item of views.begin()) if (item === 0) break;
  expect([...views.begin()]).toEqual([0, 10]);
});

test('an iterator at its end stays there, and a batch that is filled anew begins anew', () => {
  const filled = { ...batch(1) };
  const views = new Views(filled);
  const iterator = views.begin();
  expect([...iterator]).toEqual([0]);
  expect(iterator.next().done).toBe(true);
  expect(iterator.next().done).toBe(true);
  filled.length = 2;
  expect([...views.begin()]).toEqual([0, 10]);
});
