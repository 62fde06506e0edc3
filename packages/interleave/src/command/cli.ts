import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { replay } from '../replay.ts';
import { loadModels, loadMutants } from './load.ts';
import { hasCondition, NODE_FLAGS, registerHooks } from './module-setup.ts';
import { type Mutant, type MutantResult, runMutants } from './mutants.ts';
import { runModels } from './run-models.ts';

const USAGE = `interleave: explores every interleaving of small programs on shared memory

  interleave run <model file>… [--only text]… [--long] [--mutants file]… [--jobs n] [--json file]
  interleave replay <model file>#<model name> <schedule>

A model file exports models, alone or in arrays. A mutant file exports mutants likewise.
With --only, the models whose names contain one of the texts are run, and the mutants that one of these models may reject.
The code under test imports its atomics as #atomics and gets those of @millrace/interleave.`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      long: { type: 'boolean' },
      mutants: { type: 'string', multiple: true },
      jobs: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, ...targets] = positionals;
  if (values.help || command === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 2;
  }
  registerHooks(null);
  if (command === 'run' && targets.length > 0) return await run(targets, values);
  if (command === 'replay' && targets.length === 2) return await show(targets[0], targets[1]);
  process.stderr.write(`${USAGE}\n`);
  return 2;
}

interface RunFlags {
  readonly only?: string[];
  readonly long?: boolean;
  readonly mutants?: string[];
  readonly jobs?: string;
  readonly json?: string;
}

function jobsOf(text = '1'): number {
  const jobs = Number(text);
  if (Number.isSafeInteger(jobs) && jobs > 0) return jobs;
  throw new Error(`--jobs ${text}: give how many mutants are tried at a time, an integer from 1 on`);
}

async function run(files: string[], flags: RunFlags): Promise<number> {
  const models = await loadModels(files);
  const reports = await runModels(models, { only: flags.only, long: flags.long, print });
  const all = await loadMutants(flags.mutants ?? []);
  const left = models.filter(({ name }) => !reports.some((report) => report.name === name));
  const mutants = flags.only === undefined ? all : all.filter((mutant) => !isFor(mutant, left));
  const results =
    mutants.length === 0 ? [] : await runMutants(mutants, { models: files, jobs: jobsOf(flags.jobs), print });
  if (flags.json !== undefined) {
    const plain = reports.map(({ outcomes, ...rest }) => ({ ...rest, outcomes: Object.fromEntries(outcomes) }));
    mkdirSync(dirname(flags.json), { recursive: true });
    writeFileSync(flags.json, `${JSON.stringify({ models: plain, mutants: results }, null, 2)}\n`);
  }
  print(summary(reports, results));
  const bad = reports.some(({ verdict }) => verdict === 'failed') || results.some(({ rejected }) => !rejected);
  return bad || reports.length === 0 ? 1 : 0;
}

/** None but these models may reject the mutant. */
function isFor({ models }: Mutant, these: readonly { readonly name: string }[]): boolean {
  return models.every((model) => these.some(({ name }) => name === model));
}

function summary(reports: readonly { verdict: string }[], mutants: readonly MutantResult[]): string {
  const count = (verdict: string) => reports.filter((report) => report.verdict === verdict).length;
  const parts = [`${count('complete')} models complete`];
  for (const verdict of ['bounded', 'sampled', 'failed'])
    if (count(verdict) > 0) parts.push(`${count(verdict)} ${verdict}`);
  if (mutants.length > 0) {
    parts.push(`${mutants.filter(({ rejected }) => rejected).length} of ${mutants.length} mutants rejected`);
  }
  return parts.join(', ');
}

async function show(target: string, schedule: string): Promise<number> {
  const at = target.lastIndexOf('#');
  const [file, name] = at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
  const models = await loadModels([file]);
  const model = models.find((candidate) => candidate.name === name);
  if (model === undefined)
    throw new Error(`${file} has no model "${name}": it has ${models.map((m) => m.name).join(', ')}`);
  const { failure, trace, outcome } = await replay(model, schedule);
  print(trace);
  print(
    failure === null
      ? `no failure${outcome === null ? '' : `, outcome ${outcome}`}`
      : `${failure.kind}: ${failure.message}`,
  );
  if (failure?.cause instanceof Error) print(failure.cause.stack ?? '');
  return failure === null ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

// The condition is fixed when Node starts, so a process without it starts another one.
if (!hasCondition()) {
  const again = [...process.execArgv, ...NODE_FLAGS, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1;
} else {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 2;
  }
}
