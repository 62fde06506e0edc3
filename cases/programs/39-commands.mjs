/**
 * A root command answers what was asked. A text that chooses nothing is an error, and a text that a name contains chooses it.
 *
 * @limit 240
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reportsOf } from '../../scripts/reports.mjs';
import { npm, root } from '../support/npm.mjs';

// As in a fresh clone, where no gate has left a report. Those that are here are put back, since CI counts them.
const reports = reportsOf(root).flatMap(({ path, files }) => files.map((file) => join(path, file)));
const texts = new Map(reports.map((file) => [file, readFileSync(file)]));
process.on('exit', () => {
  for (const [file, text] of texts) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});
rmSync(join(root, 'packages/millrace/reports'), { recursive: true, force: true });

const models = await npm('run', 'model', '--', '--only', 'lane: abor');
assert.equal(models.code, 0, models.text);
assert.match(models.text, /\n1 models complete, 0 of 0 mutants rejected\n/);

const noModel = await npm('run', 'model', '--', '--only', 'no such model');
assert.notEqual(noModel.code, 0);
assert.match(noModel.text, /no model has a name that contains "no such model"; there are:/);

const noContender = await npm('run', 'bench', '--', '--quick', '--only', 'rinbuf');
assert.notEqual(noContender.code, 0);
assert.match(noContender.text, /no contender "rinbuf"/);

const noTest = await npm('test', '--', 'test/unit/no-such.test.ts');
assert.notEqual(noTest.code, 0);
assert.match(noTest.text, /no test was run/);
