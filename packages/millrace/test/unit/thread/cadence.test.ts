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

test('runs that are half as long as everyMs or longer are timed, all of them, and of shorter ones one in 16', () => {
  const cadence = new Cadence(0.04, 256);
  const timed = (count: number): number =>
    Array.from({ length: 64 }, () => cadence.isTimed(count)).filter(Boolean).length;
  expect(timed(1)).toBe(64);
  cadence.learn(100, 0.1);
  expect(timed(20)).toBe(64);
  expect(timed(19)).toBe(4);
});
