import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { type Item, oracle } from './fixtures/flow.mjs';
import { startFlow } from './support/child.ts';
import { newFolder } from './support/folder.ts';
import { rejectionOf } from './support/read.ts';

it('a reader follows a writer of another process, across its death, without polling', async () => {
  const dir = newFolder();
  const sequences = 400;
  const all = oracle(sequences);
  const first = startFlow(dir, 'struct', sequences, 'batch', 5);
  await first.printed(/\n/);
  const reader = openJournal<Item>(dir);
  const got: Item[] = [];
  const reading = (async () => {
    for await (const item of reader.items({ follow: true })) {
      got.push(item);
      if (got.length === all.length) return;
    }
  })();
  await first.printed(/\n64\n/);
  first.process.kill('SIGKILL');
  await first.exited;
  await sleep(50);
  expect(got.length).toBeLessThan(all.length);
  const second = startFlow(dir, 'struct', sequences, 'batch', 5);
  await reading;
  expect(got).toEqual(all);
  expect(await second.exited).toBe(0);
  await reader.close();
});

it('a reader that waits uses no processor time, hears its signal, and ends when it is closed', async () => {
  const dir = newFolder();
  await startFlow(dir, 'struct', 50, 'batch').exited;
  const reader = openJournal<Item>(dir);
  const controller = new AbortController();
  let seen = 0;
  const read = async (options: { signal?: AbortSignal }): Promise<void> => {
    for await (const batch of reader.batches({ follow: true, ...options })) seen += batch.length;
  };
  const reading = rejectionOf(() => read({ signal: controller.signal }));
  while (seen < oracle(50).length) await sleep(5);
  await sleep(200);
  const before = process.cpuUsage();
  await sleep(1_000);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(60);
  controller.abort(new Error('enough'));
  expect((await reading).message).toBe('enough');
  const other = rejectionOf(() => read({}));
  await sleep(50);
  await reader.close();
  expect(await other).toMatchObject({ code: 'CLOSED' });
  expect(await rejectionOf(() => read({ signal: AbortSignal.abort(new Error('before')) }))).toMatchObject({
    message: 'before',
  });
});

it('a loop may be left at any time', async () => {
  const dir = newFolder();
  await startFlow(dir, 'struct', 50, 'batch').exited;
  await using reader = openJournal<Item>(dir);
  for await (const _ of reader.items({ follow: true })) break;
  for await (const _ of reader.batches({ follow: true })) break;
  expect(reader.position()).toEqual({ sequence: 50, items: 0 });
});

it.skipIf(process.getuid?.() !== 0)(
  'a reader needs no permission to write (needs root, to give rights up)',
  async () => {
    const dir = newFolder();
    await startFlow(dir, 'struct', 50, 'batch').exited;
    chmodSync(dirname(dir), 0o755);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        '-e',
        `const { openJournal } = require('@millrace/journal');
       process.setgid(65534);
       process.setuid(65534);
       (async () => {
         const reader = openJournal(process.argv[1]);
         let items = 0;
         for await (const _ of reader.items()) items++;
         console.log(items, reader.position().sequence);
         for await (const _ of reader.items({ follow: true })) break;
       })();`,
        dir,
      ],
      { cwd: new URL('.', import.meta.url), encoding: 'utf8' },
    );
    expect({ status, stdout, stderr }).toMatchObject({ status: 0, stdout: `${oracle(50).length} 50\n` });
  },
);
