import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawChart } from '../../src/volatility-surface/chart.ts';
import { readChartData } from '../../src/volatility-surface/chart-data.ts';
import type { Progress, Run } from '../../src/volatility-surface/job.ts';
import { parseDays, readDataset } from '../../src/volatility-surface/market.ts';
import { fromCsvLine, type Quote, toCsvLine } from '../../src/volatility-surface/quote.ts';
import { runOnOneThread } from '../../src/volatility-surface/single-thread.ts';
import { isInteresting } from '../../src/volatility-surface/surface.ts';

const PATH_PAIRS = 20;
/** Of the output below. It changes with any change of the model, the random numbers or the format: then set it anew. */
const SHA256 = 'b769236968c8f8c6de271111306aea84e513639345e6600feacf97ce06bb77fb';

const folder = mkdtempSync(join(tmpdir(), 'volatility-surface-'));
const file = join(folder, 'quotes.csv');
const days = parseDays(readDataset());
let run: Run;
let lastProgress: Progress;
let quotes: Quote[];

beforeAll(() => {
  run = runOnOneThread({ days, pathPairs: PATH_PAIRS }, file, (progress) => {
    lastProgress = progress;
  });
  quotes = readFileSync(file, 'utf8').trim().split('\n').slice(1).map(fromCsvLine);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('runOnOneThread', () => {
  it('gives the same bytes every time', () => {
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(SHA256);
  });

  it('reports all days and all quotes', () => {
    expect(run.events).toBe(days.length);
    expect(run.items).toBe(quotes.length);
    expect(lastProgress).toEqual({ events: days.length, items: quotes.length });
  });

  it('quotes the days that move, in order, and no others', () => {
    const expected = days.filter(isInteresting).map(({ date }) => date);
    expect([...new Set(quotes.map(({ date }) => date))]).toEqual(expected);
    expect(quotes.map(({ date }) => date)).toEqual(quotes.map(({ date }) => date).sort((a, b) => a - b));
    expect(expected.length).toBeGreaterThan(1000);
    expect(run.latencies!.histogram().totalCount).toBe(expected.length);
  });

  it('gives more quotes on volatile days', () => {
    const count = (date: number): number => quotes.filter((quote) => quote.date === date).length;
    expect(count(20200316)).toBeGreaterThan(2.5 * count(20170629));
    expect(count(20170629)).toBeGreaterThan(50);
  });

  it('gives prices inside the bounds of arbitrage, and a volatility for each', () => {
    const outside = quotes.filter(
      ({ price, strike, impliedVolatility }) =>
        !(price >= 0 && price < strike && impliedVolatility > 0 && impliedVolatility < 3),
    );
    expect(outside).toEqual([]);
  });
});

describe('a quote', () => {
  it('survives the CSV file to the fourth decimal', () => {
    const quote = {
      date: 20081120,
      weeks: 4,
      strike: 750,
      call: 0,
      price: 12.3456,
      standardError: 0.0123,
      impliedVolatility: 0.6543,
      asianPrice: 7.8901,
    };
    expect(toCsvLine(quote)).toBe('20081120,4,750,put,12.3456,0.0123,0.6543,7.8901\n');
    expect(fromCsvLine(toCsvLine(quote).trim())).toEqual(quote);
  });
});

describe('the chart', () => {
  it('shows the most volatile day of the year', async () => {
    const data = await readChartData(file, days, 2008);
    expect(data.date.slice(0, 4)).toBe('2008');
    const of2008 = data.history.filter(({ date }) => date.startsWith('2008'));
    const highest = Math.max(...of2008.map(({ volatility }) => volatility));
    expect(of2008.find(({ date }) => date === data.date)?.volatility).toBe(highest);
    expect(data.surface.length).toBe(
      quotes.filter(({ date }) => String(date) === data.date.replaceAll('-', '')).length,
    );
    expect(data.surface.every(({ moneyness }) => moneyness > 0.45 && moneyness < 1.55)).toBe(true);
  });

  it('is an SVG file with a cell for each quote', async () => {
    const data = await readChartData(file, days, 2008);
    const svg = join(folder, 'chart.svg');
    await drawChart(data, svg, 'A subtitle');
    const drawn = readFileSync(svg, 'utf8');
    expect(drawn).toMatch(/^<svg [\s\S]*<\/svg>$/);
    expect(drawn).toContain('A subtitle');
    expect(drawn).not.toContain('NaN');
    expect(drawn.match(/aria-roledescription="rect mark"/g)?.length).toBe(data.surface.length);
  });

  it('refuses a year without quotes', async () => {
    await expect(readChartData(file, days, 1999)).rejects.toThrow('has no quotes of 1999');
  });
});
