import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FLOWS } from '../dist/journal/flow-setting.js';
import { plainPuts, plainSum } from '../dist/journal/plain-puts.js';
import { expectedSum, SHAPES } from '../dist/journal/setting.js';
import { flowContent, throughFlow } from '../dist/journal/through-flow.js';
import { journalSum, throughJournal } from '../dist/journal/through-journal.js';

async function inFolder(use: (parent: string) => Promise<void>): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    await use(parent);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

it.each(Object.entries(SHAPES))('both contenders store every item of %s', (_, { perSequence, perCommit }) =>
  inFolder(async (parent) => {
    const setting = { perSequence, perCommit, sequences: 300, durability: 'none' } as const;
    await throughJournal(join(parent, 'journal'), setting);
    await plainPuts(join(parent, 'plain'), setting);
    expect(await journalSum(join(parent, 'journal'))).toBe(expectedSum(setting));
    expect(await plainSum(join(parent, 'plain'))).toBe(expectedSum(setting));
  }),
);

it.each(Object.entries(FLOWS))('a flow stores every item, and flushes as its case says: %s', (_, setting) =>
  inFolder(async (parent) => {
    const dir = join(parent, 'journal');
    const { sequences, ms, cpuMs, slowFlushes } = await throughFlow(dir, setting, 1_000, 1);
    expect(await flowContent(dir)).toEqual({ items: 1_000, sum: 499_500 });
    expect([sequences, ms > 0, cpuMs > 0, slowFlushes > 0]).toEqual([1_000, true, true, setting.slowerFlushMs > 0]);
  }),
);
