/** Loops and waits that are left while they wait. */
import { u32 } from '@millrace/codec';
import { openEventJournal, openJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { newFolder } from './support/folder.ts';
import { rejectionOf } from './support/read.ts';

const mine = new Error('mine');

/** An async iterator that says nothing, and whether it was closed. */
function silent() {
  let closed = 0;
  const iterator = {
    next: () => new Promise<IteratorResult<number>>(() => {}),
    return: async () => ({ done: true as const, value: ++closed }),
    [Symbol.asyncIterator]: () => iterator,
  };
  return { iterator, closed: () => closed };
}

it('a loop that follows is left while it waits, by return and by throw, begun or not, of events and of items', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: u32 });
  await journal.append(1);
  await using reader = openJournal<number>(dir);
  const loops = [
    () => journal.replay({ follow: true }),
    () => reader.items({ follow: true }),
    () => reader.batches({ follow: true }),
  ];
  for (const loop of loops) {
    const returned = loop();
    await returned.next();
    const waiting = [returned.next(), returned.next()];
    await Promise.all([returned.return(), returned.return()]);
    expect((await Promise.all(waiting)).map(({ done }) => done)).toEqual([true, true]);

    const thrown = loop();
    await thrown.next();
    const next = thrown.next();
    expect(await rejectionOf(() => thrown.throw(mine))).toBe(mine);
    expect(await next).toMatchObject({ done: true });
    expect(await rejectionOf(() => loop().throw(mine))).toBe(mine);
    await loop().return();
  }
});

it('close ends a replay that follows, after what is committed, and a stream that is silent', async () => {
  const dir = newFolder();
  const journal = await openEventJournal({ dir, codec: u32 });
  await journal.appendAll([1, 2]);
  const got: number[] = [];
  const following = rejectionOf(async () => {
    for await (const event of journal.replay({ follow: true })) got.push(event);
  });
  while (got.length < 2) await new Promise(setImmediate);
  const { iterator, closed } = silent();
  const appending = rejectionOf(() => journal.appendAll(iterator));
  void journal.append(3);
  await journal.close();
  expect(await following).toMatchObject({ code: 'CLOSED' });
  expect(got).toEqual([1, 2, 3]);
  expect(await appending).toMatchObject({ code: 'CLOSED' });
  expect(closed()).toBe(1);
  expect(await rejectionOf(() => journal.appendAll(iterator))).toMatchObject({ code: 'CLOSED' });
  expect(closed()).toBe(2);
});

it('any number of loops share one listener on a signal, and leave none', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: u32 });
  const controller = new AbortController();
  const warnings: unknown[] = [];
  const warned = (warning: unknown): number => warnings.push(warning);
  process.on('warning', warned);
  const { signal } = controller;
  const loops = Array.from({ length: 12 }, () => journal.replay({ follow: true, signal }));
  const waiting = loops.map((loop) => rejectionOf(() => loop.next()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  controller.abort(mine);
  expect(await Promise.all(waiting)).toEqual(loops.map(() => mine));
  await new Promise(setImmediate);
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});
