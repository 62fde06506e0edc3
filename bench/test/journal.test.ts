import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainPuts, plainSum } from '../dist/journal/plain-puts.js';
import { expectedSum, SHAPES } from '../dist/journal/setting.js';
import { journalSum, throughJournal } from '../dist/journal/through-journal.js';

it.each(Object.entries(SHAPES))('both contenders store every item of %s', async (_, { perSequence, perCommit }) => {
  const parent = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const setting = { perSequence, perCommit, sequences: 300, durability: 'none' } as const;
    await throughJournal(join(parent, 'journal'), setting);
    await plainPuts(join(parent, 'plain'), setting);
    expect(await journalSum(join(parent, 'journal'))).toBe(expectedSum(setting));
    expect(await plainSum(join(parent, 'plain'))).toBe(expectedSum(setting));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
