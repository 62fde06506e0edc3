import { expect, test } from 'vitest';
import { RestartLimit } from '../../../src/flow/restart-limit.ts';
import { MillraceError } from '../../../src/thread/errors.ts';

const death = new MillraceError('THREAD_DIED', 'processor 0 died: mine', { thread: 'processor 0', sequence: 7 });
const LIMIT = { max: 2, withinMs: 1_000, delayMs: 0, perEvent: 3 };

const refusal = (limit: RestartLimit, thread: string): unknown => {
  try {
    return limit.admit(death, thread);
  } catch (error) {
    return error;
  }
};

test('bears so many deaths within the time, and says how many there were', () => {
  const limit = new RestartLimit(LIMIT, () => 5);
  limit.admit(death, 'processor 0');
  limit.admit(death, 'writer');
  expect(refusal(limit, 'processor 0')).toMatchObject({
    code: 'THREAD_DIED',
    message: '[THREAD_DIED] processor 0 died: mine (threads died 3 times within 1000 ms, 2 are borne: see `restarts`)',
    thread: 'processor 0',
    sequence: 7,
  });
});

test('says how long to pause: not at first, then twice as long each time, a second at most', () => {
  const limit = new RestartLimit({ max: 20, withinMs: 1_000, delayMs: 10, perEvent: 3 }, () => 5);
  expect(Array.from({ length: 10 }, () => limit.admit(death, 'writer'))).toEqual(
    [0, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000].map((delayMs, i) => ({ delayMs, deaths: i + 1 })),
  );
});

test('forgets what is longer ago', () => {
  let now = 0;
  const limit = new RestartLimit(LIMIT, () => now);
  for (let i = 0; i < 20; i++) {
    limit.admit(death, 'writer');
    now += 500;
  }
  now -= 400;
  expect(() => limit.admit(death, 'writer')).toThrow('3 times');
});

test('that bears none passes the death on as it is', () => {
  const limit = new RestartLimit({ ...LIMIT, max: 0 });
  expect(refusal(limit, 'writer')).toBe(death);
});
