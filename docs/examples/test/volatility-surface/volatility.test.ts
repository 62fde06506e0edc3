import { describe, expect, it } from 'vitest';
import type { Day } from '../../src/volatility-surface/market.ts';
import { PriceTable } from '../../src/volatility-surface/price-table.ts';
import { jumpShare, yangZhangVariance } from '../../src/volatility-surface/volatility.ts';

describe('yangZhangVariance', () => {
  it('gives the value of an example worked out by hand', () => {
    const prices = tableOfLogs([
      { open: 0, high: 0, low: 0, close: 0 },
      { open: 0.01, high: 0.03, low: 0, close: 0.02 },
      { open: 0.02, high: 0.05, low: 0.01, close: 0.01 },
    ]);
    // Overnight returns 0.01, 0: variance 0.00005. Day returns 0.01, −0.01: variance 0.0002.
    // Rogers–Satchell: (0.02·0.01 + 0.01·0.02 + 0.03·0.04 + 0.01·0) / 2 = 0.0008. Weight: 0.34 / (1.34 + 3/1).
    const weight = 0.34 / 4.34;
    const daily = 0.00005 + weight * 0.0002 + (1 - weight) * 0.0008;
    expect(yangZhangVariance(prices, 2, 2)).toBeCloseTo(252 * daily, 12);
  });

  it('needs a close before its window', () => {
    const prices = tableOfLogs([
      { open: 0, high: 0, low: 0, close: 0 },
      { open: 0, high: 0, low: 0, close: 0 },
    ]);
    expect(() => yangZhangVariance(prices, 1, 2)).toThrow('A window of 2 days that ends at day 1');
  });
});

describe('jumpShare', () => {
  it('gives the value of an example worked out by hand', () => {
    // Returns 0.01, 0.05, −0.01: realised 0.0027, bipower π/2 · (0.0005 + 0.0005) · 3/2.
    expect(jumpShare(tableOfCloses([0, 0.01, 0.06, 0.05]), 3, 3)).toBeCloseTo(1 - (Math.PI * 0.00075) / 0.0027, 12);
  });

  it('is 0 where neighbouring days move alike', () => {
    expect(jumpShare(tableOfCloses([0, 0.02, 0, 0.02, 0]), 4, 4)).toBe(0);
  });
});

function tableOfCloses(closes: readonly number[]): PriceTable {
  return tableOfLogs(closes.map((close) => ({ open: close, high: close, low: close, close })));
}

function tableOfLogs(days: readonly Pick<Day, 'open' | 'high' | 'low' | 'close'>[]): PriceTable {
  return PriceTable.of(
    days.map(({ open, high, low, close }) => ({
      date: 0,
      volume: 0,
      open: Math.exp(open),
      high: Math.exp(high),
      low: Math.exp(low),
      close: Math.exp(close),
    })),
  );
}
