import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One trading day of the S&P 500 index. Prices in index points. */
export interface Day {
  /** Calendar date as the number yyyymmdd. */
  readonly date: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Shares traded. */
  readonly volume: number;
}

const require = createRequire(import.meta.url);

const HEADER = 'date,open,high,low,close,adjclose,volume';

/** The daily S&P 500 of 2000–2020 that the `vega-datasets` package ships, as text. */
export function readDataset(): string {
  const entry = require.resolve('vega-datasets');
  return readFileSync(join(dirname(entry), '..', 'data', 'sp500-2000.csv'), 'utf8');
}

/** Parses the days, oldest first. Throws on the first line that is not a day, with its number. */
export function parseDays(csv: string): Day[] {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header !== HEADER) throw new Error(`sp500-2000.csv starts with "${header}", expected "${HEADER}"`);
  return lines.map((line, index) => parseDay(line, index + 2));
}

function parseDay(line: string, lineNumber: number): Day {
  const [isoDate = '', ...cells] = line.split(',');
  const date = Number(isoDate.replaceAll('-', ''));
  const [open, high, low, close, , volume] = cells.map(Number);
  const prices = [open, high, low, close];
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(isoDate) && prices.every((price) => price > 0) && low <= high && volume >= 0;
  if (!isDay) throw new Error(`sp500-2000.csv line ${lineNumber} is not a trading day: "${line}"`);
  return { date, open, high, low, close, volume };
}
