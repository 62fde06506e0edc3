import { describe, expect, it } from 'vitest';
import { casesOf } from '../dist/harness/cases.js';
import { svgOf } from '../dist/harness/chart.js';
import type { RoundRecord } from '../dist/harness/compare.js';
import { verify, WrongAnswer } from '../dist/harness/contender.js';
import { percentilesOf } from '../dist/harness/latency-histogram.js';
import { reportOf } from '../dist/harness/report.js';
import { rotated } from '../dist/harness/rotation.js';
import { standingOf } from '../dist/harness/standing.js';
import { median, phaseOf, spread } from '../dist/harness/statistics.js';

describe('statistics', () => {
  it('takes the middle value, or the mean of the two middle ones, and leaves the list as it was', () => {
    const values = [5, 1, 3];
    expect(median(values)).toBe(3);
    expect(values).toEqual([5, 1, 3]);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow('median of no value');
  });

  it('gives minimum and maximum with the median', () => {
    expect(spread([2, 9, 4])).toEqual({ median: 4, min: 2, max: 9 });
  });

  it('tells the first round, rounds 2 to 4, and those from 8 on apart', () => {
    expect([1, 2, 4, 5, 7, 8, 20].map(phaseOf)).toEqual([
      'first',
      'early',
      'early',
      undefined,
      undefined,
      'steady',
      'steady',
    ]);
  });
});

describe('rotation', () => {
  it('begins each round one further, with all of the list in it', () => {
    expect(rotated(['a', 'b', 'c'], 1)).toEqual(['a', 'b', 'c']);
    expect(rotated(['a', 'b', 'c'], 2)).toEqual(['b', 'c', 'a']);
    expect(rotated(['a', 'b', 'c'], 4)).toEqual(['a', 'b', 'c']);
    expect(rotated([], 3)).toEqual([]);
  });
});

describe('standings', () => {
  it('tell ours, the loop and the bounds from the rivals', () => {
    const standings = [
      'plain-loop',
      'millrace',
      'millrace-claim',
      'lane-spin',
      'bound-bulk',
      'message-port',
      'disruptor-x',
    ];
    expect(standings.map(standingOf)).toEqual(['loop', 'ours', 'ours', 'ours', 'bound', 'rival', 'rival']);
    // Shapes that others would wire by hand, over our lanes.
    expect(standingOf('1-direct-lanes')).toBe('rival');
  });
});

describe('answers', () => {
  it('refuses a wrong one and says what was right', () => {
    const right = { checksum: 7, items: 2 };
    expect(() => verify('someone', 'w1/A/K=0', right, right)).not.toThrow();
    expect(() => verify('someone', 'w1/A/K=0', { checksum: 8, items: 2 }, right)).toThrow(WrongAnswer);
    expect(() => verify('someone', 'w1/A/K=0', { checksum: 7, items: 3 }, right)).toThrow(
      /someone answered 3 items .* right are 2 items/,
    );
  });
});

const record = (name: string, round: number, ms: number, more: Partial<RoundRecord> = {}): RoundRecord => ({
  name,
  round,
  ms,
  events: 1_000,
  items: 0,
  checksum: 0,
  cpuMs: 0,
  peakRssBytes: 2 ** 20,
  ...more,
});

describe('cases', () => {
  const named = (records: readonly RoundRecord[], name: string) =>
    casesOf('w1/A/K=0', records).find((one) => one.name === `w1/A/K=0/${name}`);

  it('compares with the warm loop: its first round does not count', () => {
    const records = [
      record('plain-loop', 1, 1_000),
      record('plain-loop', 2, 10),
      record('x', 1, 40),
      record('x', 2, 20),
    ];
    expect(named(records, 'x/first')).toMatchObject({ ratioToLoop: 0.25, median: 40_000, unit: 'ns/event' });
    expect(named(records, 'x/early')).toMatchObject({ ratioToLoop: 0.5 });
    expect(named(records, 'x/steady')).toBeUndefined();
  });

  it('takes the median of the ratios to the loop of the same round', () => {
    const records = [2, 3, 4].flatMap((round) => [
      record('plain-loop', round, round * 10),
      record('x', round, round * 20),
    ]);
    expect(named(records, 'x/early')).toMatchObject({ ratioToLoop: 0.5, median: 60_000, min: 40_000, max: 80_000 });
  });

  it('compares a contender that runs a part of the events with the loop over that part', () => {
    const part = { events: 100 };
    const records = [record('plain-loop', 2, 10), record('plain-loop', 2, 3, part), record('x', 2, 6, part)];
    expect(named(records, 'x/early')).toMatchObject({ ratioToLoop: 0.5, median: 60_000 });
    expect(named(records, 'plain-loop/early')).toMatchObject({ median: 10_000 });
  });

  it('compares a contender of another language with its own loop', () => {
    const records = [record('plain-loop', 2, 10), record('java', 2, 8, { loopMs: 4 })];
    expect(named(records, 'java/early')).toMatchObject({ ratioToLoop: 0.5 });
  });

  it("says how many times the loop's its processor time is, of the rounds that its speed is of", () => {
    const loop = [1, 2, 8, 9].map((round) => record('plain-loop', round, 10, { cpuMs: round === 1 ? 900 : 10 }));
    const cpuMs = [90, 40, 20, 30];
    const records = [...loop, ...[1, 2, 8, 9].map((round, i) => record('x', round, 20, { cpuMs: cpuMs[i]! }))];
    expect(named(records, 'x/cpu-first')).toMatchObject({ ratioToLoop: 9, median: 90_000, unit: 'ns/event' });
    expect(named(records, 'x/cpu-early')).toMatchObject({ ratioToLoop: 4 });
    expect(named(records, 'x/cpu')).toMatchObject({ ratioToLoop: 2.5, median: 25_000, min: 20_000, max: 30_000 });
    expect(named(records, 'x/steady')).toMatchObject({ ratioToLoop: 0.5 });
    expect(named(records, 'plain-loop/cpu')).toMatchObject({ ratioToLoop: 1 });
    // A run that is too short for a steady state has processor time of what it has.
    expect(
      named(
        records.filter(({ round }) => round < 8),
        'x/cpu',
      ),
    ).toMatchObject({ ratioToLoop: 4 });
  });

  it('compares processor time of another language with its own loop', () => {
    const records = [record('plain-loop', 2, 10), record('java', 2, 8, { cpuMs: 12, loopMs: 4, loopCpuMs: 6 })];
    expect(named(records, 'java/cpu')).toMatchObject({ ratioToLoop: 2 });
  });

  it('reports the highest memory of all rounds', () => {
    const records = [record('plain-loop', 2, 1), record('x', 1, 1, { peakRssBytes: 3 * 2 ** 20 }), record('x', 2, 1)];
    expect(named(records, 'x/peak-rss')).toMatchObject({ median: 3, unit: 'MiB' });
  });
});

describe('reports', () => {
  it('name the machine, the Node version and the commit', () => {
    const report = reportOf([]);
    expect(Object.keys(report)).toEqual(['machine', 'node', 'commit', 'cases']);
    expect(report.machine.cores).toBeGreaterThan(0);
    expect(report.node).toBe(process.version);
  });

  // Bars on a logarithmic scale were there, and had no width: there is no zero for them to begin at.
  it.each(['linear', 'log'] as const)(
    'draw a chart without a browser, with a mark at each median: %s',
    async (scale) => {
      const bars = [1, 20].map((median) => ({
        group: 'K=0',
        name: `x${median}`,
        median,
        min: median / 2,
        max: 2 * median,
      }));
      const svg = await svgOf({ name: 'chart', title: 'A title', axis: 'ratio', scale, bars });
      expect(svg).toMatch(/^<svg.*A title/s);
      const marks = [
        ...svg.matchAll(/<path [^>]*aria-roledescription="(?:bar|point)"[^>]* d="M([^"]+)"[^>]*fill="#5b8db8"/g),
      ];
      expect(marks).toHaveLength(2);
      for (const [, path] of marks) expect(path).not.toMatch(/^[\d.]+,[\d.]+h0v/);
    },
  );

  it('draw ours in bold, and the loop and a bound as lines across, a bound by its outline', async () => {
    const bars = (['loop', 'ours', 'bound', 'rival'] as const).map((standing, i) => ({
      group: 'K=0',
      name: `the-${standing}`,
      standing,
      median: i + 1,
      min: i + 1,
      max: i + 1,
    }));
    const svg = await svgOf({ name: 'chart', title: 'A title', axis: 'ratio', scale: 'linear', bars });
    const bold = [...svg.matchAll(/<text [^>]*font-weight="bold"[^>]*>([^<]+)</g)].map(([, text]) => text);
    expect(bold).toContain('the-ours');
    expect(bold).not.toContain('the-rival');
    // The bar of the bound, and its line.
    expect(svg.match(/stroke-dasharray="5,4"/g)).toHaveLength(2);
    expect(svg).toContain('no failure handling');
    expect(await svgOf({ name: 'c', title: 'A', axis: 'x', scale: 'linear', bars: bars.slice(1, 2) })).not.toContain(
      'no failure handling',
    );
  });

  it('take percentiles from a histogram of three significant digits', () => {
    const { p50, p99, max } = percentilesOf(Float32Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(p50).toBeCloseTo(500, -1);
    expect(p99).toBeCloseTo(990, -1);
    expect(max).toBeCloseTo(1_000, -1);
  });
});
