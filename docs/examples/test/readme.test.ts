import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseSettings } from '../src/volatility-surface/settings.ts';

it('the README says how many paths the program takes', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const paths = 2 * parseSettings([], {}).pathPairs;
  expect(readme).toContain(`${paths.toLocaleString('en')} weekly paths`);
});

it('the README links to files that exist', () => {
  const readme = new URL('../README.md', import.meta.url);
  const links = [...readFileSync(readme, 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(new URL(path, readme)))).toEqual([]);
});
