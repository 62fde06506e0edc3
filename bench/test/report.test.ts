import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Case } from '../dist/harness/cases.js';
import { reportOf } from '../dist/harness/report.js';
import { cpuRatio, figure, grid, ratio } from '../dist/report/markdown.js';
import { fill, notesOf, PAGES, writePages } from '../dist/report/pages.js';
import { Results, readResults, resultsFolder } from '../dist/report/results.js';
import { SECTIONS } from '../dist/report/sections.js';
import { TARGETS } from '../dist/report/target-list.js';
import { shortfall, targets, verdicts } from '../dist/report/targets.js';

const TEXTS = fileURLToPath(new URL('../report/', import.meta.url));
const NOTES = new Map<string, string>();

const one = (name: string, median: number, more: Partial<Case> = {}): Case => ({
  name,
  median,
  min: median / 2,
  max: median * 2,
  unit: 'ns/event',
  ...more,
});
const resultsOf = (suites: Record<string, Case[]>, charts: string[] = []): Results =>
  new Results(new Map(Object.entries(suites).map(([suite, cases]) => [suite, reportOf(cases)])), charts);

describe('figures', () => {
  it('show their spread, and nothing where there is none', () => {
    expect(figure(one('x', 10))).toBe('10.0 [5.00 – 20.0]');
    expect(figure({ median: 3, min: 3, max: 3 })).toBe('3.00');
    expect(figure(undefined)).toBe('');
  });

  it('of speed spread as the times do: the longest time is the lowest speed', () => {
    expect(ratio(one('x', 10, { ratioToLoop: 1 }))).toBe('1.00 [0.50 – 2.00]');
    expect(ratio(one('x', 10))).toBe('');
  });

  it('of processor time spread as the times do, too: the longest time is the most', () => {
    expect(cpuRatio(one('x', 10, { ratioToLoop: 2 }))).toBe('2.00 [1.00 – 4.00]');
    expect(cpuRatio(one('x', 10))).toBe('');
  });

  it('stand in a grid without its empty rows', () => {
    expect(grid('', ['a', 'b'], ['x'], (row) => (row === 'a' ? '1' : ''))).toBe('|  | x |\n| --- | ---: |\n| a | 1 |');
  });
});

describe('pages', () => {
  const texts = PAGES.map((page) => [page.text, readFileSync(path.join(TEXTS, page.text), 'utf8'), page] as const);

  it.each(texts)('%s asks only for sections that there are', (_, text, page) => {
    expect(() => fill(page, text, resultsOf({}), NOTES)).not.toThrow();
  });

  it.each(texts)(
    '%s stands in its page of docs as it is here: after a change, `npm run bench -- report`',
    (_, text, page) => {
      const written = readFileSync(fileURLToPath(new URL(`../../${page.page}`, import.meta.url)), 'utf8');
      const prose = text.split(/<!--.*?-->/).map((part) => part.trim());
      expect(prose.filter((part) => !written.includes(part))).toEqual([]);
    },
  );

  it('together ask for every section', () => {
    const asked = texts.flatMap(([, text]) => [...text.matchAll(/<!-- bench:([\w-]+) -->/g)].map(([, name]) => name));
    expect(new Set(asked)).toEqual(new Set(Object.keys(SECTIONS)));
  });

  it('say what is not measured, and how to measure it', () => {
    const page = fill({ text: 'x.md', charts: '' }, '<!-- bench:w1 -->', resultsOf({}), NOTES);
    expect(page).toContain('Not measured yet: `npm run bench -- w1`');
  });

  it('refuse a section that there is not', () => {
    const ask = () => fill({ text: 'x.md', charts: '' }, '<!-- bench:nothing -->', resultsOf({}), NOTES);
    expect(ask).toThrow('a page asks for "nothing"');
  });

  it('show a chart where there is one', () => {
    const text = 'a <!-- chart:w1-ratio The speed --> b';
    const at = { text: 'x.md', charts: '../benchmarks' };
    expect(fill(at, text, resultsOf({}, ['w1-ratio']), NOTES)).toContain(
      'a ![The speed](../benchmarks/w1-ratio.svg) b',
    );
    expect(fill(at, text, resultsOf({}), NOTES)).toContain('a  b');
  });

  it('are written from a folder of results, with the charts that they show', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-report-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const cases = [
      one('w1/A/K=0/bound-bulk/steady', 20, { ratioToLoop: 1.5 }),
      one('w1/A/K=0/millrace/steady', 30, { ratioToLoop: 1.25 }),
      one('w1/A/K=0/millrace/cpu', 40, { ratioToLoop: 1.5 }),
      one('w1/A/K=0/millrace/peak-rss', 80),
    ];
    writeFileSync(path.join(folder, 'w1.json'), JSON.stringify(reportOf(cases)));
    writeFileSync(path.join(folder, 'w1.runs.json'), '{}');
    writeFileSync(path.join(folder, 'w1-ratio.svg'), '<svg/>');
    writeFileSync(path.join(folder, 'of-nobody.svg'), '<svg/>');
    const written = await writePages(folder, TEXTS, folder, readResults(folder));
    expect(written).toEqual([...PAGES.map(({ page }) => page), 'docs/benchmarks/w1-ratio.svg']);
    const page = readFileSync(path.join(folder, 'docs/benchmarks.md'), 'utf8');
    expect(page).toContain(
      '| millrace |  |  | 1.25 [0.63 – 2.50] | 1.50 [0.75 – 3.00] | 30.0 [15.0 – 60.0] | 80.0 [40.0 – 160] |\n| *bound-bulk* |',
    );
    expect(page).toContain('![Speed of each contender against the plain loop](benchmarks/w1-ratio.svg)');
    expect(page).toContain(process.version);
  });
});

describe('what to expect', () => {
  const results = resultsOf({
    w1: [
      ...['plain-loop', 'bound-bulk', 'millrace', 'message-port', 'comlink-batches', 'disruptor-yielding'].map(
        (name, i) => one(`w1/A/K=0/${name}/steady`, 30, { ratioToLoop: [1, 9, 0.8, 0.4, 0.2, 8][i] }),
      ),
      one('w1/A/K=0/message-port/cpu', 60, { ratioToLoop: 2 }),
    ],
  });

  it('is a table of what a program may be made of: no bound among it', () => {
    expect(SECTIONS['w1-choices'].text(results, NOTES).split('\n').slice(2)).toEqual([
      '| Millrace, `emit` and `at` | 0.80 [0.40 – 1.60] |  |  |  |  |  |',
      '| `worker_threads` by hand, transferred arrays | 0.40 [0.20 – 0.80] | 2.00 [1.00 – 4.00] |  |  |  |  |',
    ]);
    expect(SECTIONS['w1-choices'].text(resultsOf({ w1: [] }), NOTES)).toBe('');
  });

  it('is said against the fastest rival in Node: neither Java nor a bound is one', () => {
    expect(SECTIONS['w1-verdicts'].text(results, NOTES)).toBe(
      '- K = 0: times the speed of `message-port`, the fastest other: `millrace` 2.00.',
    );
  });
});

describe('the journal', () => {
  const results = resultsOf({
    journal: [
      one('journal/flow/always', 120_000),
      one('journal/flow/always/cpu', 7),
      one('journal/one-each/batch/journal', 3),
      one('journal/one-each/batch/lmdb-puts', 1),
    ],
  });

  it('has a table of flows, and one of its writer beside lmdb', () => {
    expect(SECTIONS['journal-flow'].text(results, NOTES).split('\n').slice(2)).toEqual([
      '| always | 120,000 [60,000 – 240,000] | 7.00 [3.50 – 14.0] |',
    ]);
    expect(SECTIONS.journal.text(results, NOTES).split('\n').slice(2)).toEqual([
      '| one-each/batch | 3.00 [1.50 – 6.00] | 1.00 [0.500 – 2.00] |',
    ]);
    expect(SECTIONS['journal-flow'].text(resultsOf({ journal: [] }), NOTES)).toBe('');
  });

  it('is held to its targets through a flow', () => {
    const met = Object.fromEntries(verdicts(results).map(({ target, met }) => [target.id, met]));
    expect([met['journal-always'], met['journal-batch-20ms']]).toEqual([true, undefined]);
  });
});

describe('targets', () => {
  it('have ids of their own and one bound each', () => {
    expect(new Set(TARGETS.map(({ id }) => id)).size).toBe(TARGETS.length);
    for (const { least, most } of TARGETS) expect((least === undefined) !== (most === undefined)).toBe(true);
  });

  it('are not judged before they are measured', () => {
    for (const { met } of verdicts(resultsOf({}))) expect(met).toBeUndefined();
  });

  const w1 = (ours: number, rival: number, bound = 1, rivalAt500 = 1) =>
    resultsOf({
      w1: [
        one('w1/A/K=0/plain-loop/steady', 30, { ratioToLoop: 9 }),
        one('w1/A/K=0/bound-bulk/steady', 30, { ratioToLoop: bound }),
        one('w1/A/K=0/bound-bulk/early', 30, { ratioToLoop: bound }),
        one('w1/A/K=0/millrace/steady', 30, { ratioToLoop: ours }),
        one('w1/A/K=0/millrace-claim/steady', 30, { ratioToLoop: ours }),
        one('w1/A/K=0/millrace-claim/early', 30, { ratioToLoop: ours }),
        one('w1/A/K=0/message-port/steady', 30, { ratioToLoop: rival }),
        one('w1/A/K=0/disruptor-yielding/steady', 30, { ratioToLoop: 8 }),
        one('w1/A/K=500/millrace/steady', 30, { ratioToLoop: 2, min: 29.4, max: 30.6 }),
        one('w1/A/K=500/ringbuf/steady', 30, { ratioToLoop: 2 * rivalAt500 }),
      ],
    });
  const met = (results: Results, id: string): boolean | undefined =>
    verdicts(results).find(({ target }) => target.id === id)?.met;

  it('compare with the bound, which is no rival', () => {
    expect(met(w1(0.95, 0.5, 1), 'w1-claim-bound')).toBe(true);
    expect(met(w1(0.94, 0.5, 1), 'w1-claim-bound')).toBe(false);
    expect(met(w1(0.95, 0.5, 1), 'w1-claim-rivals')).toBe(true);
    expect(met(w1(0.6, 0.5, 1), 'w1-claim-rivals')).toBe(false);
  });

  it('ask for no more than the bound of the run allows', () => {
    expect(met(w1(0.6, 0.5, 0.6), 'w1-claim-rivals')).toBe(true);
    expect(met(w1(0.7, 0.5, 1), 'w1-claim-early')).toBe(false);
    expect(met(w1(0.7, 0.5, 0.7), 'w1-claim-early')).toBe(true);
    expect(targets(w1(0.7, 0.5, 0.7))).toContain('| ≥ 0.665 times the loop | 0.700 | met |');
  });

  it('allow for the spread of the run where the rest is level', () => {
    expect(met(w1(1, 0.5, 1, 1.01), 'w1-rivals-500')).toBe(true);
    expect(met(w1(1, 0.5, 1, 1.03), 'w1-rivals-500')).toBe(false);
  });

  it('of garbage ask for none where the engine makes none', () => {
    const garbage = (node: string) => {
      const cases = ['producer', 'processor', 'writer'].map((role) =>
        one(`garbage/flyweight-module/${role}/collections`, role === 'writer' ? 2 : 0),
      );
      return new Results(new Map([['garbage', { ...reportOf(cases), node }]]));
    };
    expect(met(garbage('v20.20.2'), 'garbage')).toBe(true);
    expect(met(garbage('v24.1.0'), 'garbage')).toBe(false);
  });

  it('that are missed by little do not read as if they were met', () => {
    const close = resultsOf({ w1: [one('w1/A/K=20000/millrace/steady', 30, { ratioToLoop: 1.946 })] });
    expect(targets(close)).toContain('| 1.946 | **missed** |');
    expect(shortfall(close, NOTES)).toContain('1.946 in place of ≥ 1.95');
  });

  it('that are missed stand in the shortfall, with the note that says why', () => {
    const text = shortfall(w1(0.9, 0.1), new Map([['w1-steady-0', 'Because of this.']]));
    expect(text).toContain('0.900 in place of ≥ 1 times the loop. Because of this.');
    expect(shortfall(w1(0.9, 0.1), NOTES)).toContain('Nothing is known yet');
    expect(shortfall(w1(1.9, 0.1), NOTES)).toBe('Every target that was measured is met.');
  });

  it('have the figures of other versions of Node beside them', () => {
    const other = new Map([
      ['w1', { ...reportOf([one('w1/A/K=0/millrace/steady', 30, { ratioToLoop: 1.5 })]), node: 'v26.1.0' }],
    ]);
    const results = new Results(w1(0.9, 1.2).reports, [], [new Results(other)]);
    const [head, , ...rows] = targets(results).split('\n');
    expect(head).toContain('| Node 26.1.0 |');
    expect(rows.find((row) => row.includes('K = 0, steady'))).toMatch(/\| 0\.900 \| \*\*missed\*\* \| 1\.50 \|$/);
    expect(rows.find((row) => row.includes('idle'))).toMatch(/\| {2}\|$/);
  });

  it('of another version of Node are kept in a folder of their own', () => {
    expect(resultsFolder('results', '20.20.2')).toBe('results');
    expect(resultsFolder('results', '26.1.0')).toBe(path.join('results', 'node-26'));
  });

  it('have all notes: none is about something else', () => {
    const ids = new Set(TARGETS.map(({ id }) => id));
    const notes = notesOf(readFileSync(path.join(TEXTS, 'notes.md'), 'utf8'));
    expect([...notes.keys()].filter((id) => !ids.has(id))).toEqual([]);
  });
});
