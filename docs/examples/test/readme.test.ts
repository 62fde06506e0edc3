import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the README links to files that exist', () => {
  const readme = new URL('../README.md', import.meta.url);
  const links = [...readFileSync(readme, 'utf8').matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(new URL(path, readme)))).toEqual([]);
});
