#!/usr/bin/env node
/**
 * Writes the table of docs/internals/model-checking.md from what `npm run model` and `npm run model:long` left behind:
 *
 *   node scripts/model-figures.mjs [folder with model.json and model-long.json]
 *
 * Refuses a run that is not whole: with a model that failed, a mutant that survived, or models of its own list missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.argv[2] ?? join(root, 'packages/millrace/reports');
const page = join(root, 'docs/internals/model-checking.md');

function read(file) {
  const { models, mutants } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const wrong = [
    ...models.filter(({ verdict }) => verdict === 'failed').map(({ name }) => `failed: ${name}`),
    ...mutants.filter(({ rejected }) => !rejected).map(({ name }) => `survived: ${name}`),
  ];
  if (mutants.length === 0) wrong.push('no mutants: a run of some models only');
  if (wrong.length > 0) throw new Error(`${file} is no whole run:\n${wrong.join('\n')}`);
  return new Map(models.map((model) => [model.name, model]));
}

const number = (value) => value.toLocaleString('en-US');
const boundOf = ({ bound }) => bound.replace(/, seed \d+/, '').replace(/\d{4,}/, (digits) => number(Number(digits)));

function cells(model) {
  if (model === undefined) return ['', '', ''];
  return [
    model.verdict === 'complete' ? 'complete' : boundOf(model),
    number(model.executions),
    model.seconds.toFixed(1),
  ];
}

function totals(run) {
  const all = [...run.values()];
  const sum = (of) => all.reduce((total, model) => total + of(model), 0);
  return [`${all.length} models`, number(sum((m) => m.executions)), sum((m) => m.seconds).toFixed(0)];
}

const short = read('model.json');
const long = read('model-long.json');
const missing = [...short.keys()].filter((name) => !long.has(name));
if (missing.length > 0) throw new Error(`the long run has no ${missing.join(', ')}`);

const row = (...columns) => `| ${columns.join(' | ')} |`;
const table = [
  row('model', 'bound', 'executions', 'seconds', 'long: bound', 'executions', 'seconds'),
  row('---', '---', '---:', '---:', '---', '---:', '---:'),
  ...[...long.keys()].sort().map((name) => row(name, ...cells(short.get(name)), ...cells(long.get(name)))),
  row('**all**', ...totals(short), ...totals(long)),
].join('\n');

const text = readFileSync(page, 'utf8');
const before = /\| model \| bound \|[\s\S]*?\n\| \*\*all\*\* .*\|/;
if (!before.test(text)) throw new Error(`${page} has no table of models`);
writeFileSync(
  page,
  text.replace(before, () => table),
);
