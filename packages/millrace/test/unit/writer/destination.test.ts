import { describe, expect, it } from 'vitest';
import { userDestination } from '../../../src/writer/destination.ts';
import type { LaneBatch } from '../../../src/writer/lane-batch.ts';

const batch = { length: 3 } as LaneBatch;
const late = new Error('too late');

const thenable = (then: unknown): PromiseLike<void> => Object.fromEntries([['then', then]]) as never;

/** Promises as others make them: what `then` returns is nothing to rely on. */
const foreign: [string, (resolve: () => void, reject: (error: unknown) => void) => unknown][] = [
  ['returns nothing', (resolve) => void setImmediate(resolve)],
  ['calls back at once', (resolve) => resolve()],
  [
    'calls back twice, then the other way, and throws',
    (resolve, reject) => {
      resolve();
      resolve();
      reject(late);
      throw late;
    },
  ],
];

describe('a writer whose write returns a thenable that', () => {
  it.each(foreign)('%s has taken the batch when it resolves', async (_, then) => {
    const write = () => thenable(then);
    for (const parts of [{ write }, { write, demand: 'credit' as const }]) {
      const written = userDestination(parts).write(batch);
      expect(written).toBeInstanceOf(Promise);
      await written;
    }
  });

  it('rejects has refused it', async () => {
    const write = () => thenable((_: unknown, reject: (error: unknown) => void) => reject(late));
    await expect(userDestination({ write }).write(batch)).rejects.toBe(late);
  });
});
