import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Case } from '../harness/cases.ts';
import { spread } from '../harness/statistics.ts';
import { DURABILITIES, type JournalSetting, SHAPES } from '../journal/setting.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const ROUNDS = 7;
const ITEMS = 400_000;
const QUICK_ITEMS = 4_000;

/** Items a second into a journal, against plain lmdb puts of the same items in the same transactions. */
async function run(options: SuiteOptions): Promise<SuiteResult> {
  const rounds = options.rounds ?? (options.quick ? 1 : ROUNDS);
  const cases: Case[] = [];
  const runs: unknown[] = [];
  for (const [shape, { perSequence, perCommit }] of Object.entries(SHAPES)) {
    for (const durability of DURABILITIES) {
      const label = `journal/${shape}/${durability}`;
      options.log(label);
      const sequences = Math.ceil((options.quick ? QUICK_ITEMS : ITEMS) / perSequence);
      const rates = await runChild({ perSequence, perCommit, sequences, durability }, rounds);
      runs.push({ label, rates });
      for (const [name, values] of Object.entries(rates)) {
        cases.push({ name: `${label}/${name}`, ...spread(values), unit: 'M items/s' });
      }
    }
  }
  return { cases, runs, charts: [] };
}

async function runChild(setting: JournalSetting, rounds: number): Promise<Record<string, number[]>> {
  const file = fileURLToPath(new URL('../journal/journal-child.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify({ setting, rounds })]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number[]>;
}

export const journal: Suite = {
  name: 'journal',
  title: 'items into a journal, against plain lmdb puts',
  contenders: () => [],
  run,
};
