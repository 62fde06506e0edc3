import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Day } from './market.ts';
import { fromCsvLine, type Quote } from './quote.ts';

const AT_THE_MONEY_WEEKS = 4;

/** What the chart shows. Volatilities and strikes as fractions. */
export interface ChartData {
  /** Four-week volatility at the money, for each day that has quotes. */
  readonly history: readonly { date: string; volatility: number }[];
  /** The day on which it was highest, and its surface. */
  readonly date: string;
  readonly spot: number;
  readonly surface: readonly SurfacePoint[];
}

export interface SurfacePoint {
  readonly weeks: number;
  readonly strike: number;
  /** Strike as a fraction of the day's close. */
  readonly moneyness: number;
  readonly volatility: number;
}

/** Reads the quotes back from the CSV file, a line at a time, and picks the most volatile day of a year. */
export async function readChartData(file: string, days: readonly Day[], year: number): Promise<ChartData> {
  const history: { date: string; volatility: number }[] = [];
  let worst: Quote | undefined;
  let surface: Quote[] = [];
  let today: Quote[] = [];
  for await (const quote of readQuotes(file)) {
    if (today.length > 0 && today[0].date !== quote.date) endDay();
    today.push(quote);
  }
  endDay();
  if (worst === undefined) throw new Error(`${file} has no quotes of ${year}`);
  const { date } = worst;
  const spot = days.find((day) => day.date === date)?.close ?? Number.NaN;
  return { history, date: isoDate(date), spot, surface: surface.map((quote) => surfacePoint(quote, spot)) };

  function endDay(): void {
    const atTheMoney = today.find(({ weeks, call }) => weeks === AT_THE_MONEY_WEEKS && call === 1);
    if (atTheMoney !== undefined) {
      history.push({ date: isoDate(atTheMoney.date), volatility: atTheMoney.impliedVolatility });
      const isOfYear = Math.floor(atTheMoney.date / 10_000) === year;
      if (isOfYear && atTheMoney.impliedVolatility > (worst?.impliedVolatility ?? 0)) {
        worst = atTheMoney;
        surface = today;
      }
    }
    today = [];
  }
}

async function* readQuotes(file: string): AsyncGenerator<Quote> {
  let isHeader = true;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (!isHeader) yield fromCsvLine(line);
    isHeader = false;
  }
}

function surfacePoint({ weeks, strike, impliedVolatility }: Quote, spot: number): SurfacePoint {
  return { weeks, strike, moneyness: strike / spot, volatility: impliedVolatility };
}

function isoDate(date: number): string {
  return String(date).replace(/(\d{4})(\d{2})(\d{2})/, '$1-$2-$3');
}
