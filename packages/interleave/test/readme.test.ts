import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The files of README.md, in a package of their own, and the built command. Needs `build`. */
const root = fileURLToPath(new URL('..', import.meta.url));
const command = join(root, 'dist/command/cli.js');
let folder: string;

beforeAll(() => {
  mkdirSync(join(root, 'reports'), { recursive: true });
  folder = mkdtempSync(join(root, 'reports/readme-'));
  mkdirSync(join(folder, 'node_modules/@millrace'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/@millrace/interleave'));
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  for (const [, name, content] of readme.matchAll(/^```\w+\n\/\/ ([\w.]+)\n([\s\S]*?)^```/gm)) {
    writeFileSync(join(folder, name), name.endsWith('.json') ? content : `\n${content}`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command as a user would, and returns its exit code and output. */
function interleave(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    execFile(process.execPath, [command, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

/** Seconds differ from run to run, and columns with who strips the types. */
const timeless = (text: string) => text.replaceAll(/\d+\.\d s/g, '0.0 s').replaceAll(/(\.ts:\d+):\d+/g, '$1');

describe('README.md', () => {
  test('prints what running its models prints', async () => {
    const { code, output } = await interleave('run', 'models.ts');
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const shown = /prints\n\n```text\n([\s\S]*?)```/.exec(readme)![1];
    expect(timeless(output)).toBe(timeless(shown));
    expect(code).toBe(1);
  });

  test('has mutants that are rejected', async () => {
    const { code, output } = await interleave('run', 'models.ts', '--only', 'fixed', '--mutants', 'mutants.ts');
    expect(output).toMatch(/rejected {2}a ring is not counted: fixed: deadlock/);
    expect(output.trimEnd().split('\n').at(-1)).toBe('1 models complete, 2 of 2 mutants rejected');
    expect(code).toBe(0);
  });
});

describe('the command', () => {
  test('replays a schedule', async () => {
    const { code, output } = await interleave('replay', 'models.ts#broken', 'ba3b2');
    expect(output).toContain('deadlock: taker sleeps on bell');
    expect(output).toMatch(/add bell 1, was 0 +eventcount\.ts:19:3/);
    expect(code).toBe(1);
    expect((await interleave('replay', 'models.ts#none', 'a')).output).toContain('it has broken, fixed');
  });

  test('runs the models whose names contain the text, and the mutants that these may reject', async () => {
    const mutant = { file: 'eventcount.ts', find: 'notify(words, bell);', replace: '' };
    const list = [
      { name: 'of fixed', models: ['fixed'], ...mutant },
      { name: 'of broken', models: ['broken'], ...mutant },
    ];
    writeFileSync(join(folder, 'two-mutants.js'), `export default ${JSON.stringify(list)};`);
    const { code, output } = await interleave('run', 'models.ts', '--only', 'fix', '--mutants', 'two-mutants.js');
    expect(output).toContain('rejected  of fixed');
    expect(output).not.toContain('broken');
    expect(code).toBe(0);
    const none = await interleave('run', 'models.ts', '--only', 'fix', '--only', 'nothing');
    expect(none.output).toContain('no model has a name that contains "nothing"; there are:\n  broken\n  fixed');
    expect(none.code).toBe(2);
  });

  test('writes a report for programs, into a folder that it makes', async () => {
    await interleave('run', 'models.ts', '--only', 'fixed', '--json', 'reports/report.json');
    const report = JSON.parse(readFileSync(join(folder, 'reports/report.json'), 'utf8'));
    expect(report.models[0]).toMatchObject({ name: 'fixed', verdict: 'complete', failure: null });
  });

  test('takes a mutant that does not apply, or that survives, for an error', async () => {
    const list = [
      { name: 'no such text', file: 'eventcount.ts', find: 'nonsense', replace: '', models: ['fixed'] },
      {
        name: 'text that occurs twice',
        file: 'eventcount.ts',
        find: 'wait(words, bell,',
        replace: '',
        models: ['fixed'],
      },
      { name: 'no such module', file: 'elsewhere.ts', find: 'x', replace: '', models: ['fixed'] },
      { name: 'no such model', file: 'eventcount.ts', find: 'add(', replace: 'load(', models: ['none'] },
      {
        name: 'harmless',
        file: 'eventcount.ts',
        find: 'add(words, bell, 1)',
        replace: 'add(words, bell, 2)',
        models: ['fixed'],
      },
    ];
    writeFileSync(join(folder, 'bad-mutants.js'), `export default ${JSON.stringify(list)};`);
    const { code, output } = await interleave(
      'run',
      'models.ts',
      '--only',
      'fixed',
      '--mutants',
      'bad-mutants.js',
      '--jobs',
      '2',
    );
    expect(output).toMatch(
      /SURVIVED {2}no such text: mutant does not apply: its text is found 0 times in eventcount.ts/,
    );
    expect(output).toMatch(/SURVIVED {2}text that occurs twice: mutant does not apply: its text is found 2 times/);
    expect(output).toMatch(/SURVIVED {2}no such module: mutant does not apply: 0 modules end with elsewhere.ts/);
    expect(output).toMatch(/SURVIVED {2}no such model: no model has the name none/);
    expect(output).toMatch(/SURVIVED {2}harmless: fixed found nothing wrong/);
    expect(output.trimEnd().split('\n').at(-1)).toBe('1 models complete, 0 of 5 mutants rejected');
    expect(code).toBe(1);
  });
});
