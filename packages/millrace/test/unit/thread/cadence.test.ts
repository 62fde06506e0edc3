import { expect, test } from 'vitest';
import { Cadence } from '../../../src/thread/cadence.ts';

/** Events until the next look, as the processor's loop counts them. */
function interval(cadence: Cadence): number {
  cadence.rewind();
  return cadence.left;
}

test('begins with a look after each event', () => {
  expect(new Cadence(0.004, 256).left).toBe(1);
  expect(interval(new Cadence(0.004, 256))).toBe(1);
});

test('doubles at most, up to what takes everyMs', () => {
  const cadence = new Cadence(0.004, 256);
  const seen = Array.from({ length: 10 }, () => {
    cadence.learn(100, 0.01);
    return interval(cadence);
  });
  // 0.1 µs each: 40 of them.
  expect(seen).toEqual([2, 4, 8, 16, 32, 40, 40, 40, 40, 40]);
});

test('is bounded where events cost nothing', () => {
  const cadence = new Cadence(0.004, 16);
  for (let i = 0; i < 10; i++) cadence.learn(1_000, 0);
  expect(interval(cadence)).toBe(16);
});

test('falls at once when events become dear, also within the interval that has begun', () => {
  const cadence = new Cadence(0.004, 256);
  for (let i = 0; i < 10; i++) cadence.learn(1_000, 0.001);
  expect(interval(cadence)).toBe(256);
  cadence.learn(4, 400);
  expect(cadence.left).toBe(1);
  expect(interval(cadence)).toBe(1);
});
