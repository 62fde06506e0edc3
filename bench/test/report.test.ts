import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Case } from '../dist/harness/cases.js';
import { reportOf } from '../dist/harness/report.js';
import { figure, grid, ratio } from '../dist/report/markdown.js';
import { fill, notesOf, PAGES, writePages } from '../dist/report/pages.js';
import { Results, readResults, resultsFolder } from '../dist/report/results.js';
import { SECTIONS } from '../dist/report/sections.js';
import { shortfall, TARGETS, targets, verdicts } from '../dist/report/targets.js';

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
    const cases = [one('w1/A/K=0/millrace/steady', 30, { ratioToLoop: 1.25 }), one('w1/A/K=0/millrace/peak-rss', 80)];
    writeFileSync(path.join(folder, 'w1.json'), JSON.stringify(reportOf(cases)));
    writeFileSync(path.join(folder, 'w1.runs.json'), '{}');
    writeFileSync(path.join(folder, 'w1-ratio.svg'), '<svg/>');
    writeFileSync(path.join(folder, 'of-nobody.svg'), '<svg/>');
    const written = await writePages(folder, TEXTS, folder, readResults(folder));
    expect(written).toEqual([...PAGES.map(({ page }) => page), 'docs/benchmarks/w1-ratio.svg']);
    const page = readFileSync(path.join(folder, 'docs/benchmarks.md'), 'utf8');
    expect(page).toContain('| millrace |  |  | 1.25 [0.63 – 2.50] | 30.0 [15.0 – 60.0] | 80.0 [40.0 – 160] |');
    expect(page).toContain('![Speed of each contender against the plain loop](benchmarks/w1-ratio.svg)');
    expect(page).toContain(process.version);
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

  const w1 = (ours: number, rival: number) =>
    resultsOf({
      w1: [
        one('w1/A/K=0/plain-loop/steady', 30, { ratioToLoop: 9 }),
        one('w1/A/K=0/millrace/steady', 30, { ratioToLoop: ours }),
        one('w1/A/K=0/message-port/steady', 30, { ratioToLoop: rival }),
        one('w1/A/K=0/disruptor-yielding/steady', 30, { ratioToLoop: 0.9 * ours }),
      ],
    });
  const met = (results: Results, id: string): boolean | undefined =>
    verdicts(results).find(({ target }) => target.id === id)?.met;

  it('compare with the fastest rival, Java among them or not', () => {
    expect(met(w1(1.2, 0.5), 'w1-rivals-0')).toBe(true);
    expect(met(w1(1.2, 0.5), 'w1-node-rivals')).toBe(true);
    expect(met(w1(1.2, 0.9), 'w1-node-rivals')).toBe(false);
    expect(met(w1(0.9, 1.2), 'w1-rivals-0')).toBe(false);
    expect(met(w1(0.9, 1.2), 'w1-steady-0')).toBe(false);
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
