/** One flow and one journal, and a little of each part of `chaos:journal`, small: the long runs are gates of their own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const run = (file: string, ...args: string[]): string =>
  execFileSync(process.execPath, [fileURLToPath(new URL(`../dist/${file}`, import.meta.url)), ...args], {
    encoding: 'utf8',
  });

it.each([
  ['threads/main.js', 'threads', '3', '0'],
  ['process/main.js', 'a process', '3', '0'],
  // Its last two events have no items: the journal stood one before the end.
  ['process/main.js', 'a process', '886801038', '2'],
])('%s kills %s, and the destination equals the oracle: %s, %s', { timeout: 240_000 }, (file, _what, seed, only) => {
  const lines = run(file, '--kills', '1', '--seed', seed, '--only', only).trimEnd().split('\n');
  expect(lines[0]).toBe(`seed ${seed}`);
  expect(lines.at(-1)).toMatch(/^\d+ kills, \d+ items, equal to the oracle$/);
});

it('a journal is raced for, filled, flipped, its workers are terminated, and its power is cut', {
  timeout: 240_000,
}, () => {
  const counts = ['--races', '2', '--full', '1', '--flips', '10', '--terminations', '2', '--cuts', '1'];
  const lines = run('journal/main.js', ...counts, '--seed', '3')
    .trimEnd()
    .split('\n');
  expect(lines[0]).toBe('seed 3');
  expect(lines.at(-1)).toMatch(
    /^2 races, [01] full disks(, 1 full disks left out)?(, 1 power cuts left out)?, 10 flips \(\d+ refused\), 2 terminations, \d power cuts, \d+ items, equal to the oracle$/,
  );
});

it('producers and readers are terminated, and what comes out is what they published', { timeout: 240_000 }, () => {
  const lines = run('threads/main.js', '--producers', '--kills', '1', '--seed', '3', '--only', '0')
    .trimEnd()
    .split('\n');
  expect(lines.at(-2)).toMatch(/^the main thread’s event loop stood still for \d+ ms at most$/);
  expect(lines.at(-1)).toMatch(/^\d+ kills, \d+ items, equal to the oracle$/);
});

it('refuses what is no number', () => {
  expect(() => run('threads/main.js', '--kills', 'many')).toThrow();
  expect(() => run('journal/main.js', '--flips', 'many')).toThrow();
});
