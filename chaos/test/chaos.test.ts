/** One flow and one journal, small: the long runs are gates of their own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const run = (file: string, ...args: string[]): string =>
  execFileSync(process.execPath, [fileURLToPath(new URL(`../dist/${file}`, import.meta.url)), ...args], {
    encoding: 'utf8',
  });

it.each([
  ['threads/main.js', 'threads'],
  ['process/main.js', 'a process'],
])('%s kills %s, and the destination equals the oracle', { timeout: 240_000 }, (file) => {
  const lines = run(file, '--kills', '1', '--seed', '3').trimEnd().split('\n');
  expect(lines[0]).toBe('seed 3');
  expect(lines.at(-1)).toMatch(/^\d+ kills, \d+ items, equal to the oracle$/);
});

it('refuses what is no number', () => {
  expect(() => run('threads/main.js', '--kills', 'many')).toThrow();
});
