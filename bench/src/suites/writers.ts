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

/** Answers that come first, and those that are counted. */
const ANSWERS = { uncounted: 50, counted: 400 };
const QUICK_ANSWERS = { uncounted: 5, counted: 20 };
/** Batches that may be pending at one time. */
const IN_FLIGHT = [1, 8] as const;

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
  const speedups: number[] = [];
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
    const answers = options.quick ? QUICK_ANSWERS : ANSWERS;
    const each: number[] = [];
    for (const inFlight of IN_FLIGHT) {
      const args = [inFlight, answers.uncounted, answers.counted, options.threads];
      const { msPerBatch } = await runChild<{ msPerBatch: number }>('awaiting-child', args);
      each.push(msPerBatch);
      runs.push({ label: `writers/awaits-1ms/in-flight-${inFlight}`, round, msPerBatch });
    }
    speedups.push(each[0] / each[1]);
  }
  const cases: Case[] = [
    ...[...busy].map(([source, own]) => ({
      name: `writers/busy-5ms/${source}/items-a-call`,
      ...spread(own),
      unit: 'items',
      check: CHECK,
    })),
    { name: 'writers/awaits-1ms/in-flight-8/against-1', ...spread(speedups), unit: 'times', check: CHECK },
  ];
  return { cases, runs, charts: [] };
}

export const writers: Suite = {
  name: 'writers',
  title: 'items that a call of a slow writer gets',
  contenders: () => [],
  run,
};
