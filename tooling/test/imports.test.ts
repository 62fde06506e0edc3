import { describe, expect, test } from 'vitest';
import { read, sources } from './tree.ts';

/** biome.json holds the direction of imports, folder by folder. These tests close what it cannot see. */
const MILLRACE = 'packages/millrace/src/';
const THREADS = ['coordinator', 'processor', 'writer'];
const URL_OF_A_FILE = /new URL\(\s*['"]([^'"]+)['"]\s*,\s*import\.meta\.url/g;

describe('packages/millrace/src', () => {
  const files = sources.filter((path) => path.startsWith(MILLRACE));

  test('has no folder without a place in the order of imports', () => {
    const config: { overrides: { includes: string[] }[] } = JSON.parse(read('biome.json'));
    const placed = new Set(config.overrides.flatMap((override) => override.includes));
    const folders = new Set(
      files
        .map((path) => path.slice(MILLRACE.length).split('/'))
        .filter((parts) => parts.length > 1)
        .map(([folder]) => folder),
    );
    expect([...folders].filter((folder) => !placed.has(`${MILLRACE}${folder}/**`))).toEqual([]);
  });

  test('reaches no other thread by URL, as one would to start its entry file', () => {
    const crossings = files.flatMap((path) => {
      const home = path.slice(MILLRACE.length).split('/')[0];
      const others = THREADS.includes(home) ? THREADS.filter((thread) => thread !== home) : [];
      return [...read(path).matchAll(URL_OF_A_FILE)]
        .filter(([, target]) => others.some((thread) => target.includes(`/${thread}/`)))
        .map(([, target]) => `${path}: ${target}`);
    });
    expect(crossings).toEqual([]);
  });
});

test('packages/journal/src takes nothing but types of millrace', () => {
  const taken = sources
    .filter((path) => path.startsWith('packages/journal/src/'))
    .flatMap((path) =>
      [...read(path).matchAll(/^(.*)\bfrom 'millrace'|import\('millrace'\)/gm)].map(([, how]) => how ?? 'import('),
    );
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.filter((how) => !/^(import|export) type /.test(how))).toEqual([]);
});
