/** What a processor knows of the event that it has failed on. */
import { expect, test } from 'vitest';
import { Attempts } from '../../../src/processor/attempts.ts';

test('the items that went to the writer are the most of any attempt', () => {
  const attempts = new Attempts();
  attempts.failed(7, 3);
  attempts.failed(7, 1);
  expect(attempts).toMatchObject({ failures: 2, delivered: 3 });
  attempts.failed(8, 0);
  expect(attempts).toMatchObject({ failures: 1, delivered: 0 });
});

test('of an event with which a dead thread had begun nobody knows them', () => {
  const attempts = new Attempts();
  attempts.inherit(7);
  attempts.failed(7, 1);
  expect(attempts).toMatchObject({ failures: 1, delivered: undefined });
  attempts.failed(8, 2);
  expect(attempts.delivered).toBe(2);
});

test('a thread that begins anew knows what it delivered itself', () => {
  const attempts = new Attempts();
  attempts.failed(7, 2);
  attempts.inherit(7);
  attempts.failed(7, 0);
  expect(attempts).toMatchObject({ failures: 2, delivered: 2 });
});
