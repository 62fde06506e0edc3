/** One flow and one journal, small: the long runs are gates of their own. */
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

it('refuses what is no number', () => {
  expect(() => run('threads/main.js', '--kills', 'many')).toThrow();
});
