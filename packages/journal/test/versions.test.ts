/** A store of each version of the format, as it was written: each is read for ever, or refused with what to do. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const versionOf = (dir: string): unknown => JSON.parse(readFileSync(join(dir, 'journal.json'), 'utf8')).version;

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

it.each([2, 3])(
  'a store of version %i, whose first writer was killed, is read and goes on, after a restart of the machine too',
  async (version) => {
    const dir = storeOf(version);
    expect(versionOf(dir)).toBe(version);
    expect(await journalPosition(dir)).toEqual({ sequence: 120, items: 0 });
    expect(await readAll(dir)).toEqual(oracle(120));
    expect(versionOf(dir)).toBe(version);
    // The second time it has chunks of both versions.
    for (const [from, to] of [
      [120, 150],
      [150, 180],
    ] as const) {
      const spec = toJournal({ dir });
      expect(await runFlow({ spec, codec: 'struct', sequences: to })).toEqual({ sequence: from, items: 0 });
      expect(await readAll(dir)).toEqual(oracle(to));
      // A version that does not know the new chunks would refuse it.
      expect(versionOf(dir)).toBe(3);
    }
    expect(await readAll(dir, { from: { sequence: 61, items: 2 } })).toEqual(
      oracle(180).filter(({ sequence, index }) => sequence > 61 || (sequence === 61 && index >= 2)),
    );
  },
);
