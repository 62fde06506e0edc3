#!/usr/bin/env node
/**
 * Runs the cases: each program in `programs/`, in a process of its own, once in each mode that it names, and ends with
 * `N cases, N as expected`. What a program may say in its first comment is in README.md.
 *
 *   npm run cases                 all of them
 *   npm run cases -- a01 stream   those whose name contains one of these words
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const AT_ONCE = 2;
const LIMIT_SECONDS = 60;
/** Of what a program printed, as much is shown when it did something else than expected. */
const SHOWN_CHARACTERS = 4_000;

const TAGS = ['modes', 'exit', 'signal', 'stdout', 'stderr', 'limit'];

/** A program is `NAME.mjs`, or the `main.mjs` of a folder `NAME` that also holds the modules which its threads load. */
function findPrograms() {
  const programs = [];
  for (const entry of readdirSync(join(folder, 'programs'), { withFileTypes: true })) {
    const name = entry.name.replace(/\.mjs$/, '');
    const file = join(folder, 'programs', entry.isDirectory() ? join(name, 'main.mjs') : entry.name);
    if (entry.isDirectory() ? existsSync(file) : entry.name.endsWith('.mjs')) programs.push({ name, file });
  }
  return programs.sort((a, b) => a.name.localeCompare(b.name));
}

/** What the first comment of a program says of it. */
function readExpectation({ name, file }) {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, 'utf8'))?.[1];
  if (comment === undefined)
    throw new Error(`${name} does not begin with a comment /** … */ that says what it is about`);
  const tags = {};
  for (const [, tag, value] of comment.matchAll(/@(\w+) (.*)/g)) {
    if (!TAGS.includes(tag)) throw new Error(`${name} has the tag @${tag}; the tags are ${TAGS.join(', ')}`);
    tags[tag] = value.trim();
  }
  return {
    modes: (tags.modes ?? 'threads').split(/\s+/),
    exit: tags.signal === undefined ? Number(tags.exit ?? 0) : null,
    signal: tags.signal ?? null,
    stdout: tags.stdout === undefined ? undefined : new RegExp(tags.stdout, 's'),
    stderr: tags.stderr === undefined ? undefined : new RegExp(tags.stderr, 's'),
    limitMs: 1_000 * Number(tags.limit ?? LIMIT_SECONDS),
  };
}

/** Runs one program. Resolves to a list of what was not as expected. */
async function run({ file, mode, expected }) {
  // A process group of its own, so that what the program started ends with it.
  const child = spawn(process.execPath, [file, mode], { cwd: dirname(file), detached: true });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (part) => {
      text[stream] += part;
    });
  }
  let isLate = false;
  const killGroup = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    killGroup();
  }, expected.limitMs);
  const [exit, signal] = await new Promise((resolve) => child.on('close', (...how) => resolve(how)));
  clearTimeout(timer);
  killGroup();
  const faults = [];
  if (isLate) faults.push(`did not end within ${expected.limitMs / 1_000} seconds`);
  else if (exit !== expected.exit || signal !== expected.signal)
    faults.push(
      `ended with ${signal ?? `exit code ${exit}`}, expected ${expected.signal ?? `exit code ${expected.exit}`}`,
    );
  for (const stream of ['stdout', 'stderr']) {
    const pattern = expected[stream];
    if (pattern !== undefined && !pattern.test(text[stream])) faults.push(`${stream} does not match ${pattern}`);
  }
  if (faults.length > 0) {
    for (const stream of ['stdout', 'stderr']) {
      if (text[stream] !== '') faults.push(`${stream}:\n${text[stream].slice(-SHOWN_CHARACTERS)}`);
    }
  }
  return faults;
}

const words = process.argv.slice(2);
const programs = findPrograms();
const chosen = programs.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
if (chosen.length === 0) {
  console.error(
    `no case has a name with ${words.join(' or ')}; there are: ${programs.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const queue = chosen.flatMap((program) => {
  const expected = readExpectation(program);
  return expected.modes.map((mode) => ({ ...program, mode, expected }));
});
const total = queue.length;
let good = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const began = performance.now();
      const faults = await run(next);
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      if (faults.length === 0) good++;
      console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${next.name} (${next.mode}, ${seconds} s)`);
      for (const fault of faults) console.log(fault.replace(/^/gm, '     '));
    }
  }),
);
// The counts that scripts/count.mjs adds up, in the form in which vitest reports its own.
mkdirSync(join(folder, 'reports'), { recursive: true });
const report = { numTotalTests: total, numPassedTests: good, numFailedTests: total - good };
writeFileSync(
  join(folder, 'reports/cases.json'),
  JSON.stringify({ ...report, numPendingTests: 0, numTodoTests: 0, testResults: [] }),
);
console.log(`${total} cases, ${good} as expected`);
process.exit(good === total ? 0 : 1);
