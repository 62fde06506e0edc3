import { adaptive, Lock, park, spin } from 'native-free-rings';
import { describe, expect, test } from 'vitest';

describe('a lock', () => {
  const words = () => new Int32Array(new SharedArrayBuffer(4));

  test('is held by one at a time', () => {
    const lock = new Lock(words(), 0);
    expect(lock.tryAcquire()).toBe(true);
    expect(lock.tryAcquire()).toBe(false);
    lock.release();
    lock.acquire();
    expect(lock.tryAcquire()).toBe(false);
    lock.release();
  });

  test('is handed to everybody who waits without blocking, one after the other', async () => {
    const shared = words();
    const lock = new Lock(shared, 0);
    lock.acquire();
    let holders = 0;
    let most = 0;
    const waiters = Array.from({ length: 5 }, async () => {
      const mine = new Lock(shared, 0);
      await mine.acquireAsync();
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setImmediate(resolve));
      holders--;
      mine.release();
    });
    expect(shared[0]).toBe(2);
    lock.release();
    await Promise.all(waiters);
    expect(most).toBe(1);
    expect(lock.tryAcquire()).toBe(true);
  });
});

describe('a wait strategy', () => {
  const after = (looks: number) => () => looks-- <= 0;

  test('park looks no further', () => {
    expect(park().spin(() => true)).toBe(false);
  });

  test('spin looks until it is there', () => {
    expect(spin().spin(after(100_000))).toBe(true);
  });

  test('adaptive spins for a while when there are cores for it', () => {
    const strategy = adaptive({ threads: 2, cores: 2 });
    expect(strategy.spin(after(1_000))).toBe(true);
    expect(strategy.spin(() => false)).toBe(false);
  });

  test('adaptive spins less after each spin that was for nothing, and more after one that was not', () => {
    const strategy = adaptive({ threads: 2, cores: 2 });
    const looksInVain = () => {
      let looks = 0;
      strategy.spin(() => ++looks < 0);
      return looks;
    };
    const first = looksInVain();
    const second = looksInVain();
    expect(second).toBeLessThan(first);
    for (let i = 0; i < 20; i++) looksInVain();
    const least = looksInVain();
    expect(least).toBeGreaterThan(0);
    strategy.spin(() => true);
    expect(looksInVain()).toBeGreaterThan(least);
  });

  test('adaptive parks at once when more threads than cores want to run', () => {
    let looks = 0;
    const strategy = adaptive({ threads: 3, cores: 2 });
    expect(strategy.spin(() => ++looks > 0)).toBe(false);
    expect(looks).toBe(0);
  });
});
