/** A store of each version of the format, as it was written: each is read for ever, or refused with what to do. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { journalPosition, openJournal, toJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { oracle, runFlow } from './fixtures/flow.mjs';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

function storeOf(version: number): string {
  const dir = newFolder();
  cpSync(fileURLToPath(new URL(`./fixtures/stores/version-${version}`, import.meta.url)), dir, { recursive: true });
  return dir;
}

it('a store of version 1, of lmdb, is refused and says what to do', async () => {
  const dir = storeOf(1);
  const write = (): Promise<unknown> => runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: 50 });
  for (const open of [() => openJournal(dir), () => journalPosition(dir), write]) {
    expect(await rejectionOf(open)).toMatchObject({
      code: 'OLDER_STORE',
      message: expect.stringMatching(
        /format version 1.*read it with the version that wrote it, or start a new journal/,
      ),
    });
  }
});

it('a store of version 2, whose first writer was killed, is read and goes on, after a restart of the machine too', async () => {
  const dir = storeOf(2);
  expect(await journalPosition(dir)).toEqual({ sequence: 120, items: 0 });
  expect(await readAll(dir)).toEqual(oracle(120));
  expect(await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: 150 })).toEqual({
    sequence: 120,
    items: 0,
  });
  expect(await readAll(dir)).toEqual(oracle(150));
});
