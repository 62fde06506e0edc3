/** `journal-child.js '{"setting":…,"rounds":…}'`: both contenders in turns, each round into a new folder, every item read back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rotated } from '../harness/rotation.ts';
import { plainPuts, plainSum } from './plain-puts.ts';
import { expectedSum, type JournalSetting } from './setting.ts';
import { journalSum, throughJournal } from './through-journal.ts';

const CONTENDERS = {
  journal: { write: throughJournal, sum: journalSum },
  'lmdb-puts': { write: plainPuts, sum: plainSum },
} as const;

const { setting, rounds } = JSON.parse(process.argv[2]) as { setting: JournalSetting; rounds: number };
const items = setting.perSequence * setting.sequences;
const rates: Record<string, number[]> = {};
for (let round = 1; round <= rounds; round++) {
  for (const [name, { write, sum }] of rotated(Object.entries(CONTENDERS), round)) {
    const parent = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
    const dir = join(parent, 'store');
    try {
      const ms = await write(dir, setting);
      const got = await sum(dir);
      if (got !== expectedSum(setting))
        throw new Error(`${name} stored a sum of ${got}; right is ${expectedSum(setting)}`);
      rates[name] = [...(rates[name] ?? []), items / ms / 1e3];
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
  }
}
console.log(JSON.stringify(rates));
