import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Case } from '../harness/cases.ts';
import { spread } from '../harness/statistics.ts';
import type { FlowChildArguments } from '../journal/flow-child.ts';
import { FLOWS, type FlowRound } from '../journal/flow-setting.ts';
import { DURABILITIES, type JournalSetting, SHAPES } from '../journal/setting.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const ROUNDS = 7;
const ITEMS = 400_000;
const QUICK_ITEMS = 4_000;
const FLOW_SEQUENCES = 200_000;
const QUICK_FLOW_SEQUENCES = 4_000;

/** What each round was held against before its figure counted. */
const FLOW_CHECK = 'read back: every sequence once, in order, with its item; their number and sum are right';
const WRITER_CHECK = 'read back: the sum of all sequences and indexes is right';

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const flows = await runFlows(options);
  const writers = await runWriters(options);
  return { cases: [...flows.cases, ...writers.cases], runs: [...flows.runs, ...writers.runs], charts: [] };
}

/** Sequences a second through a flow into a journal, and the processor time of all its threads. */
async function runFlows(options: SuiteOptions): Promise<Pick<SuiteResult, 'cases' | 'runs'>> {
  options.log('journal/flow');
  const runs = await runChild<FlowRound[]>('flow-child', {
    rounds: options.rounds ?? (options.quick ? 0 : ROUNDS),
    sequences: options.quick ? QUICK_FLOW_SEQUENCES : FLOW_SEQUENCES,
    threads: options.threads,
  } satisfies FlowChildArguments);
  const cases = Object.keys(FLOWS).flatMap((name): Case[] => {
    const rounds = runs.filter((one) => one.name === name);
    const label = `journal/flow/${name}`;
    const rate = spread(rounds.map(({ sequences, ms }) => (sequences / ms) * 1e3));
    const cpu = spread(rounds.map(({ sequences, cpuMs }) => (cpuMs / sequences) * 1e3));
    return [
      { name: label, ...rate, unit: 'sequences/s', check: FLOW_CHECK },
      { name: `${label}/cpu`, ...cpu, unit: 'µs/sequence', check: FLOW_CHECK },
    ];
  });
  return { cases, runs: runs.map((one) => ({ label: `journal/flow/${one.name}`, ...one })) };
}

/** Items a second into a journal's writer, against plain lmdb puts of the same items in the same transactions. */
async function runWriters(options: SuiteOptions): Promise<Pick<SuiteResult, 'cases' | 'runs'>> {
  const rounds = options.rounds ?? (options.quick ? 1 : ROUNDS);
  const cases: Case[] = [];
  const runs: unknown[] = [];
  for (const [shape, { perSequence, perCommit }] of Object.entries(SHAPES)) {
    for (const durability of DURABILITIES) {
      const label = `journal/${shape}/${durability}`;
      options.log(label);
      const sequences = Math.ceil((options.quick ? QUICK_ITEMS : ITEMS) / perSequence);
      const setting: JournalSetting = { perSequence, perCommit, sequences, durability };
      const rates = await runChild<Record<string, number[]>>('journal-child', { setting, rounds });
      runs.push({ label, rates });
      for (const [name, values] of Object.entries(rates)) {
        cases.push({ name: `${label}/${name}`, ...spread(values), unit: 'M items/s', check: WRITER_CHECK });
      }
    }
  }
  return { cases, runs };
}

async function runChild<Result>(name: string, given: unknown): Promise<Result> {
  const file = fileURLToPath(new URL(`../journal/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(given)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
}

export const journal: Suite = {
  name: 'journal',
  title: 'a flow into a journal; and items into its writer, against plain lmdb puts',
  contenders: () => [],
  run,
};
