import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { f64, struct, text, u32, value } from '@millrace/codec';
import { openEventJournal, openJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

const Tick = struct({ symbol: u32, price: f64, venue: text(4) });
const tick = (n: number) => ({ symbol: n, price: n / 3, venue: 'XETR' });

it('events get their sequences in the order of the calls, and are replayed from any of them', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: Tick });
  const sequences = await Promise.all(Array.from({ length: 500 }, (_, n) => journal.append(tick(n))));
  expect(sequences).toEqual(Array.from({ length: 500 }, (_, n) => n));
  expect(await journal.appendAll(Array.from({ length: 500 }, (_, n) => tick(500 + n)))).toBe(1_000);
  for (const from of [0, 1, 499, 999, 1_000]) {
    const events = [];
    for await (const event of journal.replay({ from })) events.push(event);
    expect(events).toEqual(Array.from({ length: 1_000 - from }, (_, n) => tick(from + n)));
  }
});

it('more than fits the memory waits for room, and keeps the order', async () => {
  const dir = newFolder();
  const journal = await openEventJournal({ dir, codec: value(), stagingBytes: 65_536, durability: 'none' });
  const events = Array.from({ length: 400 }, (_, n) => ({ n, text: 'x'.repeat((n * 37) % 3_000) }));
  const sequences = await Promise.all(events.map((event) => journal.append(event)));
  expect(sequences).toEqual(events.map((_, n) => n));
  async function* source(): AsyncGenerator<unknown> {
    yield* events;
  }
  await journal.appendAll(source());
  const big = await rejectionOf(() => journal.append('x'.repeat(100_000)));
  expect(big).toMatchObject({ code: 'RECORD_TOO_LARGE' });
  await journal.append('after');
  await journal.close();
  expect(await readAll(dir)).toEqual([...events, ...events, 'after']);
});

it('a value that the codec refuses is not recorded, and the next one is', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: Tick });
  expect(await rejectionOf(() => journal.append({ ...tick(1), symbol: -1 }))).toMatchObject({ code: 'OUT_OF_RANGE' });
  expect(await journal.append(tick(1))).toBe(0);
});

it('goes on where it was closed, is trimmed below a sequence, and tells a reader who comes too late', async () => {
  const dir = newFolder();
  // Chunks of 64 KiB: enough events for some of them.
  const count = 20_000;
  for (const begin of [0, count]) {
    await using journal = await openEventJournal({ dir, codec: Tick });
    expect(journal.end).toBe(begin);
    await journal.appendAll(Array.from({ length: count }, (_, n) => tick(begin + n)));
  }
  await using journal = await openEventJournal({ dir, codec: Tick });
  await journal.trim(25_000);
  await journal.trim(10);
  const reader = openJournal(dir);
  expect(reader.begin()).toBe(25_000);
  const [first] = await readAll<{ symbol: number }>(dir);
  expect(first.symbol).toBe(25_000);
  const late = await rejectionOf(async () => {
    for await (const _ of journal.replay({ from: 24_999 }));
  });
  expect(late).toMatchObject({ code: 'TRIMMED', message: expect.stringContaining('25000') });
  await journal.trim(Number.MAX_SAFE_INTEGER);
  expect(reader.begin()).toBe(2 * count);
  expect(await journal.append(tick(1))).toBe(2 * count);
  await reader.close();
});

it('a replay that follows gets what is appended later, and ends by its signal', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: u32 });
  await journal.appendAll([1, 2, 3]);
  const controller = new AbortController();
  const got: number[] = [];
  const reading = rejectionOf(async () => {
    for await (const event of journal.replay({ from: 1, follow: true, signal: controller.signal })) {
      got.push(event);
      if (event === 5) controller.abort(new Error('enough'));
      else if (got.length === 2) void journal.append(4).then(() => journal.append(5));
    }
  });
  expect((await reading).message).toBe('enough');
  expect(got).toEqual([2, 3, 4, 5]);
});

it('one that was closed refuses, and says so', async () => {
  const dir = newFolder();
  const journal = await openEventJournal({ dir, codec: u32 });
  const appended = journal.append(1);
  await Promise.all([journal.close(), journal.close(), journal[Symbol.asyncDispose]()]);
  expect(await appended).toBe(0);
  await journal.close();
  expect(await rejectionOf(() => journal.append(1))).toMatchObject({ code: 'CLOSED' });
  expect(await rejectionOf(() => openEventJournal({ dir } as never))).toMatchObject({ code: 'BAD_OPTIONS' });
});

it('getters of an event run while it is recorded: one that appends is refused, one that grows is taken or refused', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: value() });
  let inner: Promise<unknown> | undefined;
  const sequence = await journal.append({
    get text() {
      const append = journal.append('inner');
      inner ??= append;
      append.catch(() => undefined);
      return 'x'.repeat(2_000);
    },
  });
  expect(sequence).toBe(0);
  expect(await rejectionOf(() => inner!)).toMatchObject({ code: 'EVENT_REFUSED' });
  let length = 1_000;
  const growing = (by: number) => ({
    get text() {
      length += by;
      return 'x'.repeat(length);
    },
  });
  expect(await rejectionOf(() => journal.append(growing(3_000)))).toMatchObject({ code: 'EVENT_REFUSED' });
  expect(await journal.append('next')).toBe(1);
  await journal.flush();
  expect(await readAll(dir)).toEqual([{ text: 'x'.repeat(2_000) }, 'next']);
});

it('trimming gives the files back that lie below, also the newest when all of it is trimmed', async () => {
  const dir = newFolder();
  // Files of 128 KiB.
  await using journal = await openEventJournal({ dir, codec: Tick, maxBytes: 1024 * 1024, stagingBytes: 65_536 });
  const files = () => readdirSync(dir).filter((name) => name.endsWith('.segment'));
  for (let n = 0; n < 20_000; n += 1_000) await journal.appendAll(Array.from({ length: 1_000 }, (_, i) => tick(n + i)));
  expect(files().length).toBeGreaterThan(3);
  await journal.trim(10_000);
  expect(files().length).toBeLessThan(4);
  expect((await readAll<{ symbol: number }>(dir)).map(({ symbol }) => symbol)).toEqual(
    Array.from({ length: 10_000 }, (_, n) => 10_000 + n),
  );
  await journal.trim(20_000);
  expect(files()).toHaveLength(1);
  expect(await journal.append(tick(1))).toBe(20_000);
  expect(await readAll(dir, { from: 20_000 })).toEqual([tick(1)]);
});

it('a full journal takes more after a trim, when it is opened again', async () => {
  const dir = newFolder();
  const open = () => openEventJournal({ dir, codec: Tick, maxBytes: 256 * 1024, stagingBytes: 65_536 });
  const journal = await open();
  let end = 0;
  const full = await rejectionOf(async () => {
    for (;;) end = await journal.appendAll(Array.from({ length: 500 }, () => tick(1)));
  });
  expect(full).toMatchObject({ code: 'STORE_FULL' });
  await journal.trim(end);
  await rejectionOf(() => journal.close());
  await using again = await open();
  const { end: first } = again;
  expect(first).toBeGreaterThanOrEqual(end);
  expect(await again.append(tick(2))).toBe(first);
});

it('a loop that does not follow ends with what was committed when it began', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: u32 });
  await journal.appendAll([1, 2, 3]);
  const got: number[] = [];
  for await (const event of journal.replay()) {
    got.push(event);
    await journal.append(10 + event);
  }
  expect(got).toEqual([1, 2, 3]);
});

it('an event is recorded as it was at the call, also where it waits for room', async () => {
  const dir = newFolder();
  await using journal = await openEventJournal({ dir, codec: Tick, stagingBytes: 65_536 });
  const event = tick(0);
  const appended: Promise<number>[] = [];
  // Three times what the memory takes.
  for (let n = 0; n < 20_000; n++) appended.push(journal.append(Object.assign(event, tick(n))));
  event.symbol = 4_000_000_000;
  await Promise.all(appended);
  expect((await readAll<{ symbol: number }>(dir)).every(({ symbol }, n) => symbol === n)).toBe(true);
});

it.each([undefined, null, 5, {}])('appendAll(%j) is refused, and the journal goes on', async (events) => {
  await using journal = await openEventJournal({ dir: newFolder(), codec: Tick });
  expect(await rejectionOf(() => journal.appendAll(events as never))).toMatchObject({
    code: 'BAD_OPTIONS',
    message: expect.stringMatching(/give an iterable of events/),
  });
  expect(await journal.append(tick(1))).toBe(0);
});

it('a journal of the smallest size that is trimmed takes events for ever, and one that was full, after a trim', async () => {
  const dir = newFolder();
  const open = () => openEventJournal({ dir, codec: Tick, maxBytes: 65_536, stagingBytes: 65_536 });
  const hundred = Array.from({ length: 100 }, (_, n) => tick(n));
  const journal = await open();
  // Some four times its size.
  for (let n = 0; n < 100; n++) await journal.trim((await journal.appendAll(hundred)) - 10);
  const full = await rejectionOf(async () => {
    for (;;) await journal.appendAll(hundred);
  });
  expect(full).toMatchObject({ code: 'STORE_FULL' });
  const { sequence } = openJournal(dir).position();
  await journal.trim(sequence);
  await rejectionOf(() => journal.close());
  await using again = await open();
  // Trimmed as far before: it gives back what that could not.
  await again.trim(sequence);
  expect(await again.append(tick(1))).toBe(sequence);
});

it('a journal that was closed touches no file: the number of its own may be of another one by then', async () => {
  const dir = newFolder();
  const journal = await openEventJournal({ dir, codec: u32 });
  await journal.appendAll([1, 2, 3]);
  await journal.close();
  const others = ['a', 'b', 'c', 'd'].map((name) => join(dir, name));
  const text = 'mine'.repeat(1_024);
  for (const path of others) writeFileSync(path, text);
  const open = others.map((path) => openSync(path, 'r+'));
  expect(await rejectionOf(() => journal.trim(2))).toMatchObject({ code: 'CLOSED' });
  for (const fd of open) closeSync(fd);
  expect(others.map((path) => readFileSync(path, 'utf8') === text)).toEqual([true, true, true, true]);
  expect(openJournal(dir).begin()).toBe(0);
});
