import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytes } from '@millrace/codec';
import { journalPosition, openEventJournal, openJournal, toJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { type Item, oracle, runFlow } from './fixtures/flow.mjs';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

const MIB = 1024 * 1024;

it('a journal at its limit refuses clearly, is whole, and goes on under a higher one', async () => {
  const dir = newFolder();
  const sequences = 3_000;
  const run = (maxBytes: number) => runFlow({ spec: toJournal({ dir, maxBytes }), codec: 'struct', sequences });
  const error = await rejectionOf(() => run(256 * 1024));
  expect(error).toMatchObject({ code: 'STORE_FULL' });
  expect(error.message).toMatch(/maxBytes 262144.*raise the limit/);
  const { sequence, items } = await journalPosition(dir);
  expect(sequence).toBeGreaterThan(0);
  const all = oracle(sequences);
  const below = all.filter((one) => one.sequence < sequence || (one.sequence === sequence && one.index < items));
  expect(await readAll<Item>(dir)).toEqual(below);
  await run(100 * MIB);
  expect(JSON.stringify(await readAll(dir))).toBe(JSON.stringify(all));
});

/** A file system of a few MiB; undefined, with the reason, where this process may not mount one. */
function smallDisk(): string | { reason: string } {
  const dir = join(tmpdir(), `millrace-journal-disk-${process.pid}`);
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', dir], { stdio: 'pipe' });
    return dir;
  } catch (error) {
    return { reason: String(error) };
  }
}

it('a full disk is said to be full; what was committed is whole, and it goes on when there is room', async (context) => {
  const disk = smallDisk();
  if (typeof disk !== 'string') return context.skip(`no tmpfs can be mounted here: ${disk.reason}`);
  try {
    const dir = join(disk, 'journal');
    const codec = bytes();
    const event = Buffer.alloc(32_000, 7);
    const journal = await openEventJournal({ dir, codec, stagingBytes: 128 * 1024 });
    let appended = 0;
    const error = await rejectionOf(async () => {
      for (; ; appended++) await journal.append(event);
    });
    expect(error).toMatchObject({ code: 'STORE_FULL', message: expect.stringContaining('disk') });
    await rejectionOf(() => journal.close()).catch(() => undefined);
    expect(appended).toBeGreaterThan(50);
    const reader = openJournal<Uint8Array>(dir);
    let read = 0;
    for await (const one of reader.items()) read += one.length === event.length && one[0] === 7 ? 1 : 0;
    expect(read).toBe(appended);
    await reader.close();
    execFileSync('mount', ['-o', 'remount,size=12m', disk], { stdio: 'pipe' });
    await using again = await openEventJournal({ dir, codec, stagingBytes: 128 * 1024 });
    expect(again.end).toBe(appended);
    expect(await again.append(event)).toBe(appended);
  } finally {
    execFileSync('umount', ['-l', disk], { stdio: 'pipe' });
  }
});
