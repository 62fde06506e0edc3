import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Case } from '../harness/cases.ts';
import { median, spread } from '../harness/statistics.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const ROUNDS = 5;
/** Calls that come first, while the backlog grows (tickets are short then, and the log holds 512), and those that are counted. */
const CALLS = { uncounted: 800, counted: 200 };
const QUICK_CALLS = { uncounted: 5, counted: 20 };
/** Where events come from: bare sequences, or a ring that is kept full. */
const SOURCES = ['sequences', 'ring'] as const;

/** What each round was held against before its figure counted. */
const CHECK = 'every item once, in order';

/** Each in a process of its own, which ends with a line of JSON. */
async function runChild<Result>(name: string, args: readonly (string | number)[]): Promise<Result> {
  const file = fileURLToPath(new URL(`../writers/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args.map(String)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const rounds = options.rounds ?? (options.quick ? 1 : ROUNDS);
  const busy = new Map<string, number[]>(SOURCES.map((source) => [source, []]));
  const runs: unknown[] = [];
  for (let round = 1; round <= rounds; round++) {
    options.log(`writers: round ${round} of ${rounds}`);
    const { uncounted, counted } = options.quick ? QUICK_CALLS : CALLS;
    for (const [source, own] of busy) {
      const args = [source, uncounted, counted, options.threads];
      const { lengths } = await runChild<{ lengths: number[] }>('busy-child', args);
      own.push(median(lengths));
      runs.push({ label: `writers/busy-5ms/${source}`, round, lengths });
    }
  }
  const cases: Case[] = [
    ...[...busy].map(([source, own]) => ({
      name: `writers/busy-5ms/${source}/items-a-call`,
      ...spread(own),
      unit: 'items',
      check: CHECK,
    })),
  ];
  return { cases, runs, charts: [] };
}

export const writers: Suite = {
  name: 'writers',
  title: 'items that a call of a slow writer gets',
  contenders: () => [],
  run,
};
