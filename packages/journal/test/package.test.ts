/** The built package as a user's process loads it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { newFolder } from './support/folder.ts';

const root = new URL('../', import.meta.url);

/** Runs a program in the package's folder; it has to end by itself. */
function runNode(flags: readonly string[], program: string): string {
  const options = { cwd: fileURLToPath(root), encoding: 'utf8', timeout: 20_000 } as const;
  return execFileSync(process.execPath, [...flags, '-e', program], options).trim();
}

it('runs the example of its README, and the process ends by itself', () => {
  const [, example = ''] = /```js\n(.*?)```/s.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const promised = [...example.matchAll(/console\.log\(.*?\);\s*\/\/ (.*)/g)].map(([, line]) => line);
  expect(promised.length).toBeGreaterThan(0);
  expect(runNode(['--input-type=module'], example).split('\n')).toEqual(promised);
});

it('gives require() and import the same module', () => {
  const program = `const a = require('@millrace/journal'); import('@millrace/journal').then((b) => console.log(a.JournalError === b.JournalError));`;
  expect(runNode(['--no-warnings'], program)).toBe('true');
});

it.each(['', 'process.exit(0);', 'throw new Error("crash");'])(
  'ends at once, in the middle of commits, by %j',
  (end) => {
    const program = `
    import { u32 } from '@millrace/codec';
    import { openEventJournal } from '@millrace/journal';
    const journal = await openEventJournal({ dir: ${JSON.stringify(newFolder())}, codec: u32 });
    await journal.append(1);
    for (let i = 0; i < 1000; i++) void journal.append(i);
    console.log('ready');
    ${end}
  `;
    try {
      expect(runNode(['--input-type=module'], program)).toBe('ready');
    } catch (error) {
      expect(error).toMatchObject({ status: 1, stdout: expect.stringContaining('ready') });
    }
  },
);

it('a loop that stands where nobody goes on keeps no process alive once its reader, or its journal, is closed', () => {
  const dir = newFolder();
  const program = `
    import { openEventJournal, openJournal } from '@millrace/journal';
    import { u32 } from '@millrace/codec';
    const journal = await openEventJournal({ dir: ${JSON.stringify(dir)}, codec: u32 });
    await journal.appendAll([1, 2]);
    const reader = openJournal(journal.dir);
    for (const loop of [reader.items({ follow: true }), reader.batches({ follow: true }), journal.replay({ follow: true })])
      await loop.next();
    await reader.close();
    await journal.close();
    console.log('closed');`;
  expect(runNode(['--input-type=module'], program)).toBe('closed');
});
