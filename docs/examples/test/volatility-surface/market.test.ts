import { describe, expect, it } from 'vitest';
import { parseDays, readDataset } from '../../src/volatility-surface/market.ts';

const HEADER = 'date,open,high,low,close,adjclose,volume';

describe('parseDays', () => {
  it('reads the days of the data set, in order', () => {
    const days = parseDays(readDataset());
    expect(days.length).toBe(5105);
    expect(days[0]).toEqual({
      date: 20000103,
      open: 1469.25,
      high: 1478,
      low: 1438.359985,
      close: 1455.219971,
      volume: 931800000,
    });
    expect(days.every((day, index) => index === 0 || day.date > days[index - 1].date)).toBe(true);
  });

  it.each([
    ['no number', '2000-01-03,1,2,x,1,1,5'],
    ['a missing column', '2000-01-03,1,2'],
    ['low above high', '2000-01-03,1,2,3,1,1,5'],
    ['no date', '20000103,1,2,1,1,1,5'],
    ['a price of zero', '2000-01-03,0,2,1,1,1,5'],
  ])('refuses a line with %s, by its number', (_, line) => {
    expect(() => parseDays(`${HEADER}\n2000-01-02,1,2,1,1,1,5\n${line}\n`)).toThrow(
      `line 3 is not a trading day: "${line}"`,
    );
  });

  it('refuses another header', () => {
    expect(() => parseDays('date,open\n')).toThrow('starts with "date,open"');
  });
});
