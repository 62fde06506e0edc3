import { describe, expect, it } from 'vitest';
import { blackScholes } from '../../src/volatility-surface/black-scholes.ts';
import {
  diffusionVariance,
  type Estimate,
  forwardPrice,
  type JumpDiffusion,
  PathSet,
} from '../../src/volatility-surface/monte-carlo.ts';
import { Random } from '../../src/volatility-surface/random.ts';

const DIFFUSION: JumpDiffusion = {
  spot: 1000,
  rate: 0.03,
  dividend: 0.01,
  variance: 0.3 ** 2,
  longVariance: 0.15 ** 2,
  reversion: 4,
  jumpIntensity: 0,
  jumpMean: 0,
  jumpDeviation: 0,
};
const JUMPS: JumpDiffusion = { ...DIFFUSION, jumpIntensity: 2, jumpMean: -0.1, jumpDeviation: 0.08 };

const WEEK = 1 / 52;
const EXPIRY_STEPS = [4, 26];
const STRIKES = [850, 950, 1000, 1050, 1150];

describe('PathSet.european', () => {
  it('without jumps converges to Black–Scholes, within its standard error', () => {
    const paths = simulated(DIFFUSION, 40_000);
    forEachOption((expiry, years, strike, call) => {
      const { forward, discount } = terms(DIFFUSION, years);
      const volatility = Math.sqrt(diffusionVariance(DIFFUSION, years) / years);
      const exact = blackScholes({ call, strike, years, forward, discount }, volatility);
      expectWithinError(paths.european(expiry, strike, call), exact);
    });
  });

  it("with jumps converges to Merton's series, within its standard error", () => {
    const paths = simulated(JUMPS, 40_000);
    forEachOption((expiry, years, strike, call) => {
      expectWithinError(paths.european(expiry, strike, call), mertonSeries(JUMPS, years, strike, call));
    });
  });

  it('has a standard error that describes the spread of repeated estimates', () => {
    const paths = new PathSet(400, EXPIRY_STEPS, WEEK);
    const random = new Random();
    const runs = 400;
    let squares = 0;
    let claimed = 0;
    const exact = mertonSeries(JUMPS, EXPIRY_STEPS[1] * WEEK, 950, false);
    for (let run = 0; run < runs; run++) {
      random.seed(99, run);
      paths.simulate(JUMPS, random);
      const { price, standardError } = paths.european(1, 950, false);
      squares += (price - exact) ** 2;
      claimed += standardError ** 2;
    }
    expect(Math.sqrt(squares / claimed)).toBeGreaterThan(0.85);
    expect(Math.sqrt(squares / claimed)).toBeLessThan(1.15);
  });

  it('refuses to price before there are paths', () => {
    expect(() => new PathSet(10, [1], WEEK).european(0, 100, true)).toThrow('call simulate() before');
  });
});

describe('PathSet.asian', () => {
  it('with one step is the European option', () => {
    const paths = simulated(JUMPS, 1_000, [1]);
    for (const strike of STRIKES) expect(paths.asian(0, strike, false)).toEqual(paths.european(0, strike, false));
  });

  it('lies between the geometric mean in closed form and that plus the distance of the two means', () => {
    const flat = { ...DIFFUSION, variance: 0.04, longVariance: 0.04 };
    const paths = simulated(flat, 40_000);
    forEachOption((expiry, years, strike, call) => {
      if (!call) return;
      const steps = EXPIRY_STEPS[expiry];
      const { discount } = terms(flat, years);
      const geometric = geometricForward(flat, steps);
      const lower = blackScholes({ call, strike, years, forward: geometric.forward, discount }, geometric.volatility);
      let arithmeticForward = 0;
      for (let step = 1; step <= steps; step++) arithmeticForward += forwardPrice(flat, step * WEEK) / steps;
      const upper = lower + discount * (arithmeticForward - geometric.forward);
      const { price, standardError } = paths.asian(expiry, strike, call);
      expect(price).toBeGreaterThan(lower - 4 * standardError);
      expect(price).toBeLessThan(upper + 4 * standardError);
    });
  });
});

function simulated(model: JumpDiffusion, pairs: number, stepsToExpiry: readonly number[] = EXPIRY_STEPS): PathSet {
  const random = new Random();
  random.seed(1, 1);
  const paths = new PathSet(pairs, stepsToExpiry, WEEK);
  paths.simulate(model, random);
  return paths;
}

function forEachOption(check: (expiry: number, years: number, strike: number, call: boolean) => void): void {
  EXPIRY_STEPS.forEach((steps, expiry) => {
    for (const strike of STRIKES) for (const call of [true, false]) check(expiry, steps * WEEK, strike, call);
  });
}

/** Four standard errors, which themselves must be small: under 3 % of a price near the money, under 0.1 points far from it. */
function expectWithinError({ price, standardError }: Estimate, exact: number): void {
  expect(Math.abs(price - exact)).toBeLessThan(4 * standardError + 1e-9);
  expect(standardError).toBeLessThan(Math.max(0.1, 0.03 * exact));
}

function terms(model: JumpDiffusion, years: number): { forward: number; discount: number } {
  return { forward: forwardPrice(model, years), discount: Math.exp(-model.rate * years) };
}

/** R. C. Merton (1976): Black–Scholes for each number of jumps, weighted with its Poisson probability. */
function mertonSeries(model: JumpDiffusion, years: number, strike: number, call: boolean): number {
  const { forward, discount } = terms(model, years);
  const { jumpIntensity, jumpMean, jumpDeviation } = model;
  const meanJump = Math.expm1(jumpMean + 0.5 * jumpDeviation ** 2);
  let value = 0;
  let probability = Math.exp(-jumpIntensity * years);
  for (let jumps = 0; jumps < 60; jumps++) {
    const variance = diffusionVariance(model, years) + jumps * jumpDeviation ** 2;
    const jumpForward = forward * Math.exp(-jumpIntensity * meanJump * years) * (1 + meanJump) ** jumps;
    const option = { call, strike, years, forward: jumpForward, discount };
    value += probability * blackScholes(option, Math.sqrt(variance / years));
    probability *= (jumpIntensity * years) / (jumps + 1);
  }
  return value;
}

/** The geometric mean of a lognormal path is lognormal (A. Kemna and A. Vorst, 1990). */
function geometricForward(model: JumpDiffusion, steps: number): { forward: number; volatility: number } {
  const drift = (model.rate - model.dividend - model.variance / 2) * WEEK * ((steps + 1) / 2);
  const variance = (model.variance * WEEK * (steps + 1) * (2 * steps + 1)) / (6 * steps);
  return { forward: model.spot * Math.exp(drift + variance / 2), volatility: Math.sqrt(variance / (steps * WEEK)) };
}
