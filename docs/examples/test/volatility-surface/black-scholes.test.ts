import { describe, expect, it } from 'vitest';
import {
  blackScholes,
  type EuropeanOption,
  impliedVolatility,
  normalCdf,
  vega,
} from '../../src/volatility-surface/black-scholes.ts';

describe('blackScholes', () => {
  it('gives published values', () => {
    // J. Hull, "Options, Futures, and Other Derivatives", example 15.6: 4.76 and 0.81.
    const hull = { spot: 42, strike: 40, years: 0.5, rate: 0.1, dividend: 0 };
    expect(blackScholes(option({ ...hull, call: true }), 0.2)).toBeCloseTo(4.76, 2);
    expect(blackScholes(option({ ...hull, call: false }), 0.2)).toBeCloseTo(0.81, 2);
    // E. Haug, "The Complete Guide to Option Pricing Formulas", chapter 1: 2.1334, and 2.4648 with a dividend yield.
    expect(
      blackScholes(option({ spot: 60, strike: 65, years: 0.25, rate: 0.08, dividend: 0, call: true }), 0.3),
    ).toBeCloseTo(2.1334, 4);
    expect(
      blackScholes(option({ spot: 100, strike: 95, years: 0.5, rate: 0.1, dividend: 0.05, call: false }), 0.2),
    ).toBeCloseTo(2.4648, 4);
  });

  it('keeps put–call parity: call − put = discount · (forward − strike)', () => {
    for (const strike of [600, 900, 1000, 1600]) {
      const terms = { spot: 1000, strike, years: 0.75, rate: 0.03, dividend: 0.01 };
      const call = option({ ...terms, call: true });
      const put = option({ ...terms, call: false });
      const parity = call.discount * (call.forward - strike);
      expect(blackScholes(call, 0.4) - blackScholes(put, 0.4)).toBeCloseTo(parity, 9);
    }
  });

  it('has vega as its derivative', () => {
    const put = option({ spot: 100, strike: 85, years: 0.4, rate: 0.02, dividend: 0.01, call: false });
    const slope = (blackScholes(put, 0.3001) - blackScholes(put, 0.2999)) / 0.0002;
    expect(vega(put, 0.3)).toBeCloseTo(slope, 4);
  });
});

describe('impliedVolatility', () => {
  it('inverts the price, from calm to crash and from deep in the money to far out', () => {
    for (const call of [true, false]) {
      for (const strike of [50, 80, 100, 120, 200]) {
        for (const volatility of [0.05, 0.2, 0.8, 2]) {
          const terms = option({ spot: 100, strike, years: 0.25, rate: 0.02, dividend: 0.01, call });
          const price = blackScholes(terms, volatility);
          // Where the price is worth less than rounding error above its bound, it says nothing about volatility.
          if (vega(terms, volatility) < 1e-6) continue;
          expect(impliedVolatility(terms, price)).toBeCloseTo(volatility, 6);
        }
      }
    }
  });

  it('is NaN for a price that breaks an arbitrage bound', () => {
    const terms = option({ spot: 100, strike: 80, years: 0.5, rate: 0.02, dividend: 0, call: true });
    expect(impliedVolatility(terms, 0)).toBeNaN();
    expect(impliedVolatility(terms, 20)).toBeNaN();
    expect(impliedVolatility(terms, 100)).toBeNaN();
    expect(impliedVolatility(terms, Number.NaN)).toBeNaN();
  });
});

describe('normalCdf', () => {
  it('gives the values of the tables', () => {
    expect(normalCdf(0)).toBeCloseTo(0.5, 15);
    expect(normalCdf(1)).toBeCloseTo(0.8413447460685429, 14);
    expect(normalCdf(1.96)).toBeCloseTo(0.9750021048517795, 14);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316300946, 15);
    expect(normalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 7);
  });
});

function option(terms: {
  spot: number;
  strike: number;
  years: number;
  rate: number;
  dividend: number;
  call: boolean;
}): EuropeanOption {
  const { spot, strike, years, rate, dividend, call } = terms;
  return {
    call,
    strike,
    years,
    forward: spot * Math.exp((rate - dividend) * years),
    discount: Math.exp(-rate * years),
  };
}
