import type { Random } from './random.ts';

/**
 * Index under the pricing measure: a diffusion whose variance returns from `variance` to `longVariance`, plus lognormal jumps
 * (R. C. Merton, Journal of Financial Economics 3, 1976). All rates and variances are annual.
 */
export interface JumpDiffusion {
  readonly spot: number;
  readonly rate: number;
  readonly dividend: number;
  /** Variance of the diffusion now, and the level to which it returns. */
  readonly variance: number;
  readonly longVariance: number;
  /** Speed of the return: half of the gap is gone after ln 2 / reversion years. */
  readonly reversion: number;
  /** Jumps a year; each multiplies the index by exp(N(jumpMean, jumpDeviation²)). */
  readonly jumpIntensity: number;
  readonly jumpMean: number;
  readonly jumpDeviation: number;
}

/** Price of a payoff with the standard error of its estimate. */
export interface Estimate {
  price: number;
  standardError: number;
}

/** Price agreed now for delivery after `years`. */
export function forwardPrice(model: JumpDiffusion, years: number): number {
  return model.spot * Math.exp((model.rate - model.dividend) * years);
}

/** Variance that the diffusion collects from now until `years`. */
export function diffusionVariance(model: JumpDiffusion, years: number): number {
  const { variance, longVariance, reversion } = model;
  const decay = reversion === 0 ? years : -Math.expm1(-reversion * years) / reversion;
  return longVariance * years + (variance - longVariance) * decay;
}

/**
 * Simulated paths, kept by expiry. Each path is drawn with its antithetic twin, and a payoff is estimated with the index
 * itself as control variate, since its mean is known (P. Glasserman, "Monte Carlo Methods in Financial Engineering", 2003, chapter 4).
 *
 * The buffers are allocated once and used again for every simulation; one `PathSet` belongs to one thread.
 */
export class PathSet {
  readonly pairs: number;
  readonly stepsToExpiry: readonly number[];
  private readonly stepYears: number;
  private readonly stepDrift: Float64Array;
  private readonly stepDeviation: Float64Array;
  /** Index at expiry and mean of the index over all steps up to it: for each expiry, path and twin alternate. */
  private readonly terminals: Float64Array[];
  private readonly averages: Float64Array[];
  private model: JumpDiffusion | undefined;

  /** `stepsToExpiry` is the number of steps to each expiry, growing; a step lasts `stepYears`. */
  constructor(pairs: number, stepsToExpiry: readonly number[], stepYears: number) {
    const steps = stepsToExpiry[stepsToExpiry.length - 1];
    this.pairs = pairs;
    this.stepsToExpiry = stepsToExpiry;
    this.stepYears = stepYears;
    this.stepDrift = new Float64Array(steps);
    this.stepDeviation = new Float64Array(steps);
    this.terminals = stepsToExpiry.map(() => new Float64Array(2 * pairs));
    this.averages = stepsToExpiry.map(() => new Float64Array(2 * pairs));
  }

  simulate(model: JumpDiffusion, random: Random): void {
    this.model = model;
    this.prepareSteps(model);
    for (let pair = 0; pair < this.pairs; pair++) this.simulatePair(model, random, 2 * pair);
  }

  /** European option on the index at an expiry. */
  european(expiry: number, strike: number, call: boolean): Estimate {
    const model = this.simulatedModel();
    const years = this.stepsToExpiry[expiry] * this.stepYears;
    return discounted(
      controlled(this.terminals[expiry], strike, call ? 1 : -1, forwardPrice(model, years)),
      model.rate,
      years,
    );
  }

  /** Asian option: on the arithmetic mean of the index over all steps up to an expiry. It depends on the whole path. */
  asian(expiry: number, strike: number, call: boolean): Estimate {
    const model = this.simulatedModel();
    const steps = this.stepsToExpiry[expiry];
    let mean = 0;
    for (let step = 1; step <= steps; step++) mean += forwardPrice(model, step * this.stepYears) / steps;
    return discounted(
      controlled(this.averages[expiry], strike, call ? 1 : -1, mean),
      model.rate,
      steps * this.stepYears,
    );
  }

  private simulatedModel(): JumpDiffusion {
    if (this.model === undefined) throw new Error('No paths yet: call simulate() before asking for a price');
    return this.model;
  }

  /** The drift makes the discounted index a martingale: it pays for the dividend, for the jumps and for half of the variance. */
  private prepareSteps(model: JumpDiffusion): void {
    const meanJump = Math.expm1(model.jumpMean + 0.5 * model.jumpDeviation ** 2);
    const drift = (model.rate - model.dividend - model.jumpIntensity * meanJump) * this.stepYears;
    let before = 0;
    for (let step = 0; step < this.stepDrift.length; step++) {
      const after = diffusionVariance(model, (step + 1) * this.stepYears);
      this.stepDrift[step] = drift - 0.5 * (after - before);
      this.stepDeviation[step] = Math.sqrt(after - before);
      before = after;
    }
  }

  private simulatePair(model: JumpDiffusion, random: Random, slot: number): void {
    const { stepDrift, stepDeviation, stepsToExpiry, stepYears } = this;
    const { spot, jumpIntensity, jumpMean, jumpDeviation } = model;
    let nextJump = jumpIntensity > 0 ? random.exponential() / jumpIntensity : Number.POSITIVE_INFINITY;
    let path = 0;
    let twin = 0;
    let pathSum = 0;
    let twinSum = 0;
    let expiry = 0;
    for (let step = 0; step < stepDrift.length; step++) {
      const shock = stepDeviation[step] * random.normal();
      path += stepDrift[step] + shock;
      twin += stepDrift[step] - shock;
      while (nextJump <= (step + 1) * stepYears) {
        const jump = jumpDeviation * random.normal();
        path += jumpMean + jump;
        twin += jumpMean - jump;
        nextJump += random.exponential() / jumpIntensity;
      }
      const pathIndex = spot * Math.exp(path);
      const twinIndex = spot * Math.exp(twin);
      pathSum += pathIndex;
      twinSum += twinIndex;
      if (step + 1 === stepsToExpiry[expiry]) {
        this.terminals[expiry][slot] = pathIndex;
        this.terminals[expiry][slot + 1] = twinIndex;
        this.averages[expiry][slot] = pathSum / (step + 1);
        this.averages[expiry][slot + 1] = twinSum / (step + 1);
        expiry++;
      }
    }
  }
}

/**
 * Mean of max(sign · (index − strike), 0), where `values` alternates between a path and its twin. A pair is one sample,
 * since its two halves depend on each other; the regression on the pair's mean index removes the error that comes from it.
 */
function controlled(values: Float64Array, strike: number, sign: number, knownMean: number): Estimate {
  const samples = values.length / 2;
  let payoffSum = 0;
  let payoffSquares = 0;
  let controlSum = 0;
  let controlSquares = 0;
  let products = 0;
  for (let slot = 0; slot < values.length; slot += 2) {
    const first = Math.max(0, sign * (values[slot] - strike));
    const second = Math.max(0, sign * (values[slot + 1] - strike));
    const payoff = 0.5 * (first + second);
    const control = 0.5 * (values[slot] + values[slot + 1]) - knownMean;
    payoffSum += payoff;
    payoffSquares += payoff * payoff;
    controlSum += control;
    controlSquares += control * control;
    products += payoff * control;
  }
  const payoffVariance = payoffSquares - (payoffSum * payoffSum) / samples;
  const controlVariance = controlSquares - (controlSum * controlSum) / samples;
  const covariance = products - (payoffSum * controlSum) / samples;
  const slope = controlVariance > 0 ? covariance / controlVariance : 0;
  const residual = Math.max(0, payoffVariance - slope * covariance);
  return {
    price: (payoffSum - slope * controlSum) / samples,
    standardError: Math.sqrt(residual / (samples - 2) / samples),
  };
}

function discounted(estimate: Estimate, rate: number, years: number): Estimate {
  const discount = Math.exp(-rate * years);
  estimate.price *= discount;
  estimate.standardError *= discount;
  return estimate;
}
