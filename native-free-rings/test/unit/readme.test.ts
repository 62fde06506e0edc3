import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RingError } from 'native-free-rings';
import { describe, expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const examples = readme
  .split(/^## /m)
  .map((section) => /^(.+)\n[\s\S]*?^```js\n([\s\S]*?)^```$(?:\n+It prints `(.+)`)?/m.exec(section))
  .filter((match) => match !== null)
  .map(([, title, code, output]) => ({ title: title!, code: code!, output }));

/** Runs an example with the built package, by its name: from a file inside the package, where Node resolves it so. */
function runExample(code: string): string {
  const folder = new URL('../../reports/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL(`readme-${process.pid}.mjs`, folder);
  writeFileSync(file, code);
  try {
    const { stdout, stderr, status, error } = spawnSync(process.execPath, [fileURLToPath(file)], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    if (error !== undefined || status !== 0) throw new Error(`the example failed: ${error ?? ''}${stderr}`);
    return stdout;
  } finally {
    rmSync(file);
  }
}

describe('README', () => {
  test('has its examples', () => {
    expect(examples.map(({ title }) => title)).toEqual([
      'Two threads and a lane',
      'One producer, two readers and an event ring',
      'A layout of your own',
      'Testing another implementation',
    ]);
    expect(readme.match(/^```(js|ts)$/gm)).toHaveLength(examples.length);
  });

  test.each(examples)('example "$title" does what it says', ({ code, output }) => {
    const printed = runExample(code);
    if (output !== undefined) expect(printed.trim()).toBe(output);
    else expect(printed).toMatch(/# fail 0|ℹ fail 0/);
  });

  test('lists every error code', () => {
    const source = readFileSync(new URL('../../src/errors.ts', import.meta.url), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(5);
    const table = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## Memory'));
    expect(codes.filter((code) => !table.includes(`\`${code}\``))).toEqual([]);
    expect(new RingError('TOO_LARGE', 'x')).toMatchObject({
      name: 'RingError',
      code: 'TOO_LARGE',
      message: '[TOO_LARGE] x',
    });
  });
});
