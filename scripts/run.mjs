#!/usr/bin/env node
/**
 * The one way into the workspace: `npm start`, `npm test` and every other root script are `node scripts/run.mjs NAME [args]`.
 *
 * Each works as the very first command on a fresh clone with only Node and npm: it installs first (through the pnpm that
 * package.json names, fetched by npx), unless node_modules already matches the lockfile. This file has no dependency, for
 * the same reason.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportsOf } from './reports.mjs';

/**
 * What each command runs. `tasks` are turbo tasks (turbo.json is the list of gates); arguments go to the last of them, alone.
 * `tests` is the name of the packages' reports of tests: arguments that choose none of them are an error.
 * `models` is where the model checker leaves its report, from which the last line is made.
 * `script` runs in `pkg` after a build, on this terminal, with the arguments: for programs that one looks at.
 */
const COMMANDS = {
  start: { pkg: '@millrace/examples', script: 'start' },
  bench: { pkg: '@millrace/bench', script: 'bench' },
  chaos: { pkg: '@millrace/chaos', script: 'chaos' },
  'chaos:process': { pkg: '@millrace/chaos', script: 'chaos:process' },
  'chaos:journal': { pkg: '@millrace/chaos', script: 'chaos:journal' },
  cases: { pkg: '@millrace/cases', script: 'cases' },
  build: { tasks: ['build'] },
  typecheck: { tasks: ['typecheck'] },
  lint: { tasks: ['lint:promises', 'lint:biome'] },
  format: { tasks: ['format:biome'] },
  test: { tasks: ['build', 'typecheck', 'lint:biome', 'lint:promises', 'test'], tests: 'test.json' },
  check: { tasks: ['check:unused', 'check'] },
  model: { tasks: ['model'], models: 'packages/millrace/reports/model.json' },
  'model:long': { tasks: ['model:long'], models: 'packages/millrace/reports/model-long.json' },
  stress: { tasks: ['stress'], tests: 'stress.json' },
  'stress:long': { tasks: ['stress:long'], tests: 'stress.json' },
  'docs:examples': { tasks: ['docs:examples'] },
  'bench:quick': { tasks: ['bench:quick'] },
};

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What `npm run` tells its script about itself would be read by the npx and pnpm below as settings meant for them. */
function cleanEnvironment() {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', npm_config_update_notifier: 'false' };
  const misleading =
    /^npm_(lifecycle_|package_|command$|execpath$|node_execpath$|config_(local_prefix|user_agent|node_gyp)$)/;
  for (const name of Object.keys(env)) if (misleading.test(name)) delete env[name];
  return env;
}

function pnpm(...args) {
  const windows = process.platform === 'win32';
  const { status, error } = spawnSync('npx', ['--yes', packageManager, ...args], {
    cwd: root,
    env: cleanEnvironment(),
    stdio: 'inherit',
    shell: windows,
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function turbo(...args) {
  pnpm('exec', 'turbo', 'run', ...args);
}

function install() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc']) hash.update(readFileSync(join(root, file)));
  const wanted = hash.digest('hex');
  const stamp = join(root, 'node_modules', '.millrace-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only');
  writeFileSync(stamp, wanted);
}

/** Each package runs the tests that the arguments choose, and most have none: that one has some is looked at here. */
function expectTests(file) {
  const reports = reportsOf(root).filter(({ files }) => files.includes(file));
  const run = ({ path }) => {
    const { numTotalTests, numPendingTests } = JSON.parse(readFileSync(join(path, file), 'utf8'));
    return numTotalTests - numPendingTests;
  };
  if (reports.some((report) => run(report) > 0)) return;
  console.error(`no test was run: no package has a test that ${args.join(' ')} chooses`);
  process.exit(1);
}

/** Turbo's own summary comes last otherwise. */
function printModelsAtExit(file) {
  rmSync(file, { force: true });
  process.on('exit', () => {
    if (!existsSync(file)) return;
    const { models, mutants } = JSON.parse(readFileSync(file, 'utf8'));
    const count = (verdict) => models.filter((model) => model.verdict === verdict).length;
    for (const { name, bound } of models.filter(({ verdict }) => verdict === 'bounded' || verdict === 'sampled')) {
      console.log(`within ${bound}: ${name}`);
    }
    for (const { name } of models.filter(({ verdict }) => verdict === 'failed')) console.log(`FAILED: ${name}`);
    for (const mutant of mutants.filter(({ rejected }) => !rejected)) console.log(`SURVIVED: ${mutant.name}`);
    console.log(
      `${count('bounded')} models within their bound, ${count('sampled')} sampled, ${count('failed')} failed`,
    );
    const rejected = mutants.filter((mutant) => mutant.rejected).length;
    console.log(`${count('complete')} models complete, ${rejected} of ${mutants.length} mutants rejected`);
  });
}

const [name, ...rest] = process.argv.slice(2);
const args = rest[0] === '--' ? rest.slice(1) : rest;
const command = COMMANDS[name];
if (command === undefined) {
  console.error(`Unknown command ${JSON.stringify(name)}. Known: ${Object.keys(COMMANDS).join(', ')}.`);
  process.exit(2);
}
install();
if (command.models) printModelsAtExit(join(root, command.models));
if (command.script) {
  turbo('build', `--filter=${command.pkg}`, '--output-logs=errors-only', '--log-prefix=none');
  // Silent, so that the last line is the program's own, also when it fails.
  pnpm('--silent', '--filter', command.pkg, 'run', command.script, ...args);
} else if (args.length > 0) {
  // In one run the arguments would count for the build too, and nothing of it would be found in the cache.
  turbo('build', '--output-logs=errors-only');
  for (const { path } of reportsOf(root)) if (command.tests) rmSync(join(path, command.tests), { force: true });
  turbo(command.tasks.at(-1), '--only', '--', ...args);
  if (command.tests) expectTests(command.tests);
} else {
  // A failed gate does not hide what the others have to say.
  turbo(...command.tasks, '--continue=dependencies-successful', '--output-logs=new-only');
}
