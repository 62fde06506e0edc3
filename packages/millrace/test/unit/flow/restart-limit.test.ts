import { expect, test } from 'vitest';
import { RestartLimit } from '../../../src/flow/restart-limit.ts';
import { MillraceError } from '../../../src/thread/errors.ts';

const death = new MillraceError('THREAD_DIED', 'processor 0 died: mine', { thread: 'processor 0', sequence: 7 });
const LIMIT = { max: 2, withinMs: 1_000, delayMs: 0, perEvent: 3 };

test('bears so many deaths within the time, and says how many there were', async () => {
  const limit = new RestartLimit(LIMIT, () => 5);
  await limit.admit(death, 'processor 0');
  await limit.admit(death, 'writer');
  await expect(limit.admit(death, 'processor 0')).rejects.toMatchObject({
    code: 'THREAD_DIED',
    message: '[THREAD_DIED] processor 0 died: mine (threads died 3 times within 1000 ms, 2 are borne: see `restarts`)',
    thread: 'processor 0',
    sequence: 7,
  });
});

test('forgets what is longer ago', async () => {
  let now = 0;
  const limit = new RestartLimit(LIMIT, () => now);
  for (let i = 0; i < 20; i++) {
    await limit.admit(death, 'writer');
    now += 500;
  }
  now -= 400;
  await expect(limit.admit(death, 'writer')).rejects.toThrow('3 times');
});

test('that bears none passes the death on as it is', async () => {
  const limit = new RestartLimit({ ...LIMIT, max: 0 });
  await expect(limit.admit(death, 'writer')).rejects.toBe(death);
});
