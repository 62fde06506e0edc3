#!/usr/bin/env node
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { chooseSuites } from './choose.ts';
import { reportOf, writeJson, writeResults } from './harness/report.ts';
import { tableOf } from './harness/table.ts';
import { writePages } from './report/pages.ts';
import { readResults, resultsFolder } from './report/results.ts';
import { SUITES } from './suites/index.ts';
import type { Suite } from './suites/suite.ts';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));
const TEXTS = fileURLToPath(new URL('../report/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A package's script runs in its package; a path on its command line is meant from where the user typed it. */
const CALLED_IN = process.env.INIT_CWD ?? process.cwd();

interface CliOptions {
  readonly json?: string;
  readonly quick: boolean;
  readonly rounds?: number;
  readonly threads: number;
  readonly only: readonly string[];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 on is needed.');
  return value;
}

/** The suites to run; says what is wrong and ends the process where the command line names something that does not exist. */
function chosenSuites(names: readonly string[], only: readonly string[]): readonly Suite[] {
  try {
    return chooseSuites(SUITES, names, only);
  } catch (error) {
    return program.error(error instanceof Error ? error.message : String(error), { exitCode: 2 });
  }
}

async function bench(names: readonly string[], options: CliOptions): Promise<void> {
  const suites = chosenSuites(names, options.only);
  const cases = [];
  for (const suite of suites) {
    const result = await suite.run({ ...options, log: (line) => console.error(line) });
    console.log(`\n${suite.name}: ${suite.title}\n${tableOf(result.cases)}\n`);
    cases.push(...result.cases);
    if (!options.quick) await writeResults(resultsFolder(RESULTS), suite.name, result);
  }
  if (options.json) await writeJson(path.resolve(CALLED_IN, options.json), reportOf(cases));
}

async function report({ from }: { readonly from?: string }): Promise<void> {
  const folder = from === undefined ? RESULTS : path.resolve(CALLED_IN, from);
  for (const file of await writePages(ROOT, TEXTS, folder, readResults(folder))) console.log(file);
}

const program = new Command('bench')
  .description('Measures Millrace and what a user would pick instead. Every answer is verified.')
  .argument('[suites...]', `suites to run, of ${SUITES.map((suite) => suite.name).join(', ')}; all when none is named`)
  .option('--json <file>', 'also write the cases of all suites that ran to this file')
  .option(
    '--quick',
    'small sizes, under two minutes: checks the answers; the times mean nothing and results/ stays as it is',
    false,
  )
  .option('--rounds <n>', 'rounds of each comparison; the steady state begins at round 8', positiveInteger)
  .option('--threads <n>', 'computing threads of each contender', positiveInteger, 2)
  .option(
    '--only <contender...>',
    'run only suites that have these contenders, and measure them alone, beside the plain loop',
    [],
  )
  .action(bench);

program
  .command('report')
  .description('Writes the pages of docs/ that hold figures, from the results of the suites that have run.')
  .option('--from <folder>', 'take the results from there, and not from bench/results/')
  .action(report);

await program.parseAsync();
