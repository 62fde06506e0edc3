import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Case } from '../harness/cases.ts';
import { spread } from '../harness/statistics.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const ROUNDS = 3;

interface Limit {
  readonly name: string;
  /** Script under limits/, and its argument: how much of it, in full and in quick runs. */
  readonly child: string;
  readonly full: number;
  readonly quick: number;
  readonly rounds?: number;
  readonly units: Readonly<Record<string, string>>;
}

const LIMITS: readonly Limit[] = [
  {
    name: 'huge-sequence',
    child: 'huge-child',
    full: 20_000_000,
    quick: 200_000,
    units: { growthMiB: 'MiB', rssMiB: 'MiB' },
  },
  { name: 'idle-10s', child: 'idle-child', full: 10_000, quick: 500, units: { cpuMs: 'ms' } },
  {
    name: 'cycles',
    child: 'cycles-child',
    full: 500,
    quick: 5,
    rounds: 1,
    units: { growthMiB: 'MiB', threads: 'threads', handles: 'handles' },
  },
];

/** What a flow must not cost: memory for a huge output, time while idle, anything after its end. Each in its own process. */
async function run(options: SuiteOptions): Promise<SuiteResult> {
  const cases: Case[] = [];
  const runs: unknown[] = [];
  for (const limit of LIMITS) {
    options.log(`limits/${limit.name}`);
    const rounds = options.quick ? 1 : (options.rounds ?? limit.rounds ?? ROUNDS);
    const figures: Record<string, number>[] = [];
    for (let i = 0; i < rounds; i++)
      figures.push(await runChild(limit.child, options.quick ? limit.quick : limit.full));
    runs.push({ label: limit.name, figures });
    for (const [figure, unit] of Object.entries(limit.units)) {
      const values = figures.map((round) => round[figure]);
      cases.push({ name: `limits/${limit.name}/${figure}`, ...spread(values), unit });
    }
  }
  return { cases, runs, charts: [] };
}

async function runChild(name: string, amount: number): Promise<Record<string, number>> {
  const file = fileURLToPath(new URL(`../limits/${name}.js`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, String(amount)]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
}

export const limits: Suite = {
  name: 'limits',
  title: 'memory of a huge output, cost of an idle flow, what an ended one leaves',
  contenders: () => [],
  run,
};
