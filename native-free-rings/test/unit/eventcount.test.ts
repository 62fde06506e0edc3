import { ANY, EVENTCOUNT_WORDS, EventCount, MAX_CAUSE, waitUntilAsync } from 'native-free-rings';
import { describe, expect, test } from 'vitest';

const INPUT = 3;
const ROOM = 4;

function eventcount(round = 0) {
  const words = new Int32Array(new SharedArrayBuffer(4 * EVENTCOUNT_WORDS));
  words[0] = round << 4;
  return { words, sleeper: new EventCount(words, 0), waker: new EventCount(words, 0) };
}

describe('an eventcount', () => {
  test.each([Number.NaN, -1, '5', null])('refuses to sleep for %s, and is awake', async (bad) => {
    const { sleeper } = eventcount();
    const sleep = sleeper.sleepAsync(sleeper.arm(INPUT, 1), bad as number);
    await expect(sleep).rejects.toMatchObject({ code: 'BAD_OPTION', message: expect.stringContaining('timeoutMs') });
    expect(() => sleeper.sleep(sleeper.arm(INPUT, 1), bad as number)).toThrow('BAD_OPTION');
    expect(sleeper.loadCause()).toBe(0);
  });

  test.each([0, 2 ** 27 - 1, 2 ** 28 - 1])(
    'after %i rounds wakes for its cause, from the wanted progress on',
    async (round) => {
      const { sleeper, waker } = eventcount(round);
      expect(sleeper.loadCause()).toBe(0);
      const sleeping = sleeper.sleepAsync(sleeper.arm(INPUT, 10));
      expect(waker.loadCause()).toBe(INPUT);
      expect(waker.wake(ROOM, 10)).toBe(false);
      expect(waker.wake(INPUT, 9)).toBe(false);
      expect(waker.wake(INPUT, 10)).toBe(true);
      expect(waker.wake(INPUT, 10)).toBe(false);
      await sleeping;
      expect(sleeper.loadCause()).toBe(0);
    },
  );

  test.each([2 ** 31 - 1, 2 ** 32 - 1])('compares progress over the wrap, wanting %i', (wanted) => {
    const { sleeper, waker } = eventcount();
    sleeper.arm(MAX_CAUSE, wanted);
    expect(waker.wake(MAX_CAUSE, wanted - 1)).toBe(false);
    expect(waker.wake(MAX_CAUSE, wanted + 5)).toBe(true);
  });

  test('does not sleep on what was woken between arm and sleep', () => {
    const { sleeper, waker } = eventcount();
    const armed = sleeper.arm(INPUT, 1);
    expect(waker.wake(INPUT, 1)).toBe(true);
    // Would block this thread, and the test, for ever.
    sleeper.sleep(armed);
  });

  test('takes an announcement back, and a waker that saw it wakes nobody', () => {
    const { words, sleeper, waker } = eventcount();
    const armed = sleeper.arm(INPUT, 1);
    sleeper.disarm(armed);
    expect(waker.wake(INPUT, 1)).toBe(false);
    const seen = sleeper.arm(INPUT, 1);
    sleeper.disarm(seen);
    const again = sleeper.arm(INPUT, 1);
    expect(again).not.toBe(seen);
    expect(Atomics.compareExchange(words, 0, seen, 0)).toBe(again);
  });

  test('wakes by name of the waker, or for any', () => {
    const { sleeper, waker } = eventcount();
    sleeper.arm(INPUT, 7);
    expect(waker.wakeFor(INPUT, 6)).toBe(false);
    expect(waker.wakeFor(ROOM, 7)).toBe(false);
    expect(waker.wakeFor(INPUT, 7)).toBe(true);
    sleeper.arm(INPUT, ANY);
    expect(waker.wakeFor(INPUT, 6)).toBe(true);
    expect(waker.wakeAny()).toBe(false);
    sleeper.arm(ROOM, 1);
    expect(waker.wakeAny()).toBe(true);
  });

  test('is awake after a time-out and after a notify that came late', async () => {
    const { words, sleeper, waker } = eventcount();
    sleeper.sleep(sleeper.arm(INPUT, 1), 1);
    expect(sleeper.loadCause()).toBe(0);
    expect(await sleeper.sleepAsync(sleeper.arm(INPUT, 1), 1)).toBe(true);
    expect(sleeper.loadCause()).toBe(0);
    // Without time the event loop has no turn, and who works in turns has to know.
    expect(await sleeper.sleepAsync(sleeper.arm(INPUT, 1), 0)).toBe(false);
    expect(sleeper.loadCause()).toBe(0);
    const sleeping = sleeper.sleepAsync(sleeper.arm(INPUT, 1));
    Atomics.notify(words, 0);
    await sleeping;
    expect(sleeper.loadCause()).toBe(0);
    expect(waker.wake(INPUT, 1)).toBe(false);
  });

  test('refuses a second wait while one is pending, instead of losing a wake-up', async () => {
    const { sleeper, waker } = eventcount();
    let there = false;
    const waiting = waitUntilAsync(() => there, sleeper, INPUT, 1);
    await expect(waitUntilAsync(() => there, sleeper, INPUT, 1)).rejects.toMatchObject({ code: 'ALREADY_WAITING' });
    there = true;
    expect(waker.wake(INPUT, 1)).toBe(true);
    await waiting;
  });
});
