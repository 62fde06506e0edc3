import type { PriceTable } from './price-table.ts';

export const TRADING_DAYS_A_YEAR = 252;

/**
 * Annual variance over the `days` trading days that end with row `last`, from their open, high, low and close; needs the
 * close of the day before. D. Yang and Q. Zhang, "Drift-independent volatility estimation", Journal of Business 73 (2000).
 */
export function yangZhangVariance(prices: PriceTable, last: number, days: number): number {
  const first = last - days + 1;
  if (days < 2 || first < 1)
    throw new RangeError(`A window of ${days} days that ends at day ${last} needs 2 days and a close before it`);
  let overnightSum = 0;
  let overnightSquares = 0;
  let daySum = 0;
  let daySquares = 0;
  let rogersSatchell = 0;
  for (let row = first; row <= last; row++) {
    const open = prices.open(row);
    const overnight = Math.log(open / prices.close(row - 1));
    const day = Math.log(prices.close(row) / open);
    const up = Math.log(prices.high(row) / open);
    const down = Math.log(prices.low(row) / open);
    overnightSum += overnight;
    overnightSquares += overnight * overnight;
    daySum += day;
    daySquares += day * day;
    rogersSatchell += up * (up - day) + down * (down - day);
  }
  const overnightVariance = (overnightSquares - (overnightSum * overnightSum) / days) / (days - 1);
  const dayVariance = (daySquares - (daySum * daySum) / days) / (days - 1);
  const weight = 0.34 / (1.34 + (days + 1) / (days - 1));
  const daily = overnightVariance + weight * dayVariance + (1 - weight) * (rogersSatchell / days);
  return daily * TRADING_DAYS_A_YEAR;
}

/**
 * Share of the variance that came in jumps, in [0, 1): one minus bipower over realised variance of the `days` daily returns
 * that end with row `last`. O. Barndorff-Nielsen and N. Shephard, Journal of Financial Econometrics 2 (2004).
 */
export function jumpShare(prices: PriceTable, last: number, days: number): number {
  const first = last - days + 1;
  if (days < 2 || first < 1)
    throw new RangeError(`A window of ${days} days that ends at day ${last} needs 2 days and a close before it`);
  let realised = 0;
  let products = 0;
  let previous = 0;
  for (let row = first; row <= last; row++) {
    const magnitude = Math.abs(Math.log(prices.close(row) / prices.close(row - 1)));
    realised += magnitude * magnitude;
    products += magnitude * previous;
    previous = magnitude;
  }
  const bipower = (Math.PI / 2) * products * (days / (days - 1));
  return Math.max(0, 1 - bipower / realised);
}
