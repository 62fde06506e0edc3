/** When a commit counts, by its durability: flushes are held back by hand. */
import fs from 'node:fs';
import { u32 } from '@millrace/codec';
import { type Durability, type EventJournal, openEventJournal } from '@millrace/journal';
import { afterEach, expect, it } from 'vitest';
import { newFolder } from './support/folder.ts';

const { fdatasync } = fs;
afterEach(() => {
  fs.fdatasync = fdatasync;
});

/** From now on flushes wait. `release` does all that wait. */
function holdFlushes() {
  const held: (() => void)[] = [];
  let count = 0;
  fs.fdatasync = ((fd: number, done: fs.NoParamCallback) => {
    count++;
    held.push(() => fdatasync(fd, done));
  }) as typeof fdatasync;
  return {
    count: () => count,
    release: () => {
      for (const flush of held.splice(0)) flush();
    },
    end: () => {
      fs.fdatasync = fdatasync;
      for (const flush of held.splice(0)) flush();
    },
  };
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

async function withHeldFlushes(
  durability: Durability,
  run: (journal: EventJournal<number>, flushes: ReturnType<typeof holdFlushes>) => Promise<void>,
): Promise<void> {
  const journal = await openEventJournal({ dir: newFolder(), codec: u32, durability });
  const flushes = holdFlushes();
  try {
    await run(journal, flushes);
  } finally {
    flushes.end();
    await journal.close();
  }
}

it('none: nothing is flushed', () =>
  withHeldFlushes('none', async (journal, { count }) => {
    for (let i = 0; i < 5; i++) await journal.append(i);
    expect(count()).toBe(0);
  }));

it('batch: a commit counts when it is written, and the next one waits for its flush', () =>
  withHeldFlushes('batch', async (journal, { count, release }) => {
    await journal.append(0);
    await until(() => count() === 1);
    let isDone = false;
    const second = journal.append(1).then(() => {
      isDone = true;
    });
    await until(() => count() === 1);
    for (let i = 0; i < 100; i++) await new Promise(setImmediate);
    expect(isDone).toBe(false);
    release();
    await second;
    await until(() => count() === 2);
  }));

it('always: a commit is flushed before it counts, once, and the thread goes on meanwhile', () =>
  withHeldFlushes('always', async (journal, { count, release }) => {
    let isDone = false;
    const all = Promise.all(Array.from({ length: 50 }, (_, i) => journal.append(i))).then(() => {
      isDone = true;
    });
    await until(() => count() === 1);
    for (let i = 0; i < 100; i++) await new Promise(setImmediate);
    expect(isDone).toBe(false);
    release();
    await all;
    expect(count()).toBe(1);
  }));

it('a flush that fails is not forgotten: nothing counts after it', async () => {
  for (const durability of ['batch', 'always'] as const) {
    const journal = await openEventJournal({ dir: newFolder(), codec: u32, durability });
    fs.fdatasync = ((_: number, done: fs.NoParamCallback) =>
      done(Object.assign(new Error('EIO'), { code: 'EIO' }))) as never;
    const appends = await Promise.allSettled([journal.append(1).then(() => journal.append(2))]);
    fs.fdatasync = fdatasync;
    expect(appends).toMatchObject([{ reason: { code: 'STORE_FAILED' } }]);
    await expect(journal.append(3)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await expect(journal.close()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  }
});
