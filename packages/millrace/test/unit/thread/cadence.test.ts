import { expect, test } from 'vitest';
import { Cadence } from '../../../src/thread/cadence.ts';

test('begins with a look after each event', () => {
  expect(new Cadence(0.004, 256).interval).toBe(1);
});

test('doubles at most, up to what takes everyMs', () => {
  const cadence = new Cadence(0.004, 256);
  const seen = Array.from({ length: 10 }, () => {
    cadence.learn(100, 0.01);
    return cadence.interval;
  });
  // 0.1 µs each: 40 of them.
  expect(seen).toEqual([2, 4, 8, 16, 32, 40, 40, 40, 40, 40]);
});

test('is bounded where events cost nothing', () => {
  const cadence = new Cadence(0.004, 16);
  for (let i = 0; i < 10; i++) cadence.learn(1_000, 0);
  expect(cadence.interval).toBe(16);
});

test('falls at once when events become dear', () => {
  const cadence = new Cadence(0.004, 256);
  for (let i = 0; i < 10; i++) cadence.learn(1_000, 0.001);
  expect(cadence.interval).toBe(256);
  cadence.learn(4, 400);
  expect(cadence.interval).toBe(1);
});

test('runs that are half as long as everyMs or longer are timed, all of them, and of shorter ones one in 64', () => {
  const cadence = new Cadence(0.04, 256);
  const timed = (count: number): number =>
    Array.from({ length: 256 }, () => cadence.isTimed(count)).filter(Boolean).length;
  expect(timed(1)).toBe(256);
  cadence.learn(100, 0.1);
  expect(timed(20)).toBe(256);
  expect(timed(19)).toBe(4);
});

test('of the first short runs more are timed', () => {
  const cadence = new Cadence(0.04, 256);
  cadence.learn(100, 0.1);
  const timed = Array.from({ length: 127 }, (_, run) => cadence.isTimed(1) && run + 1).filter(Boolean);
  expect(timed).toEqual([1, 3, 7, 15, 31, 63, 127]);
});

test('costs that changed by more than ten times are uneven for 16 runs, unless the dearer run was shorter than a look', () => {
  const uneven = (...runs: readonly (readonly [count: number, ms: number])[]): boolean => {
    const cadence = new Cadence(0.04, 256);
    for (const [count, ms] of runs) cadence.learn(count, ms);
    return cadence.isUneven;
  };
  const cheap = [1_000, 0.1] as const;
  expect(uneven(cheap, [1, 0.04])).toBe(true);
  expect(uneven([1, 0.04], cheap)).toBe(true);
  expect(uneven(cheap, [1, 0.039])).toBe(false);
  expect(uneven([1, 0.039], cheap)).toBe(false);
  expect(uneven(cheap, [1_000, 1])).toBe(false);
  const even = Array.from({ length: 15 }, () => cheap);
  expect(uneven(cheap, [1, 0.04], ...even)).toBe(true);
  expect(uneven(cheap, [1, 0.04], ...even, cheap, cheap)).toBe(false);
});

test('a run stands out that took half a millisecond, and three times as long as its events would have by the one before', () => {
  const cadence = new Cadence(0.04, 256);
  expect(cadence.isOdd(1_000, 9)).toBe(false);
  cadence.learn(1_000, 1);
  expect(cadence.isOdd(1_000, 3)).toBe(false);
  expect(cadence.isOdd(1_000, 3.1)).toBe(true);
  expect(cadence.isOdd(100, 0.5)).toBe(false);
  expect(cadence.isOdd(100, 0.51)).toBe(true);
});
