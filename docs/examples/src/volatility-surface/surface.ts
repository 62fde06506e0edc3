import { type EuropeanOption, impliedVolatility } from './black-scholes.ts';
import type { Day } from './market.ts';
import { diffusionVariance, forwardPrice, type JumpDiffusion, PathSet } from './monte-carlo.ts';
import type { PriceTable } from './price-table.ts';
import type { Quotes } from './quote.ts';
import { Random } from './random.ts';
import { jumpShare, TRADING_DAYS_A_YEAR, yangZhangVariance } from './volatility.ts';

/** Days with less movement than this between low and high keep yesterday's surface: nobody asks for new quotes. */
const INTERESTING_RANGE = 0.015;

const SHORT_WINDOW_DAYS = 21;
const LONG_WINDOW_DAYS = TRADING_DAYS_A_YEAR;

const WEEKS_A_YEAR = 52;
const EXPIRY_WEEKS = [2, 4, 8, 13, 26, 52];

/** Strikes are listed every 25 points, as far from the forward as the index may plausibly move, within half and 3/2 of the spot. */
const STRIKE_STEP = 25;
const STRIKE_DEVIATIONS = 2;
const LOWEST_STRIKE = 0.5;
const HIGHEST_STRIKE = 1.5;

const RATE = 0.02;
const DIVIDEND = 0.018;
/** Half of a volatility shock is gone after about two months. */
const REVERSION = 4;
const JUMPS_A_YEAR = 2;
/** Jumps go down more often than up: their mean is this many times minus their root mean square. */
const JUMP_SKEW = 0.85;
/** The year's share of variance that came as jumps is noisy, so it is kept within these. */
const LOWEST_JUMP_SHARE = 0.15;
const HIGHEST_JUMP_SHARE = 0.3;
/**
 * Index options price several times the jump risk that the index has shown (D. Bates, "Post-'87 crash fears", Journal of
 * Econometrics 94, 2000). This multiple of the jump variance gives the skew the size it has in the market.
 */
const CRASH_PREMIUM = 8;

const SEED = 20_000_103;

/** Whether a day gets new quotes: it must move, and a year of history must lie before it. */
export function isInteresting(day: Day, sequence: number): boolean {
  return sequence >= LONG_WINDOW_DAYS && Math.log(day.high / day.low) >= INTERESTING_RANGE;
}

/** Prices option surfaces, a day at a time. Its buffers are used again for every day; one instance belongs to one thread. */
export class SurfacePricer {
  private readonly prices: PriceTable;
  private readonly paths: PathSet;
  private readonly random: Random = new Random();

  constructor(prices: PriceTable, pathPairs: number) {
    this.prices = prices;
    this.paths = new PathSet(pathPairs, EXPIRY_WEEKS, 1 / WEEKS_A_YEAR);
  }

  /** Quotes every listed strike and expiry, ordered by expiry, then by strike. What it quotes depends on its arguments only. */
  price(day: Day, sequence: number, quotes: Quotes): void {
    const model = this.calibrate(day, sequence);
    this.random.seed(SEED, sequence);
    this.paths.simulate(model, this.random);
    EXPIRY_WEEKS.forEach((weeks, expiry) => {
      const years = weeks / WEEKS_A_YEAR;
      const forward = forwardPrice(model, years);
      const discount = Math.exp(-model.rate * years);
      for (const strike of listedStrikes(model, years)) {
        const option = { call: strike >= forward, strike, years, forward, discount };
        this.quote(day, option, weeks, expiry, quotes);
      }
    });
  }

  /** A quote is for the option that is out of the money, call or put. One which no path brings into the money has no price. */
  private quote(day: Day, option: EuropeanOption, weeks: number, expiry: number, quotes: Quotes): void {
    const { call, strike } = option;
    const { price, standardError } = this.paths.european(expiry, strike, call);
    const volatility = impliedVolatility(option, price);
    if (Number.isNaN(volatility)) return;
    const quote = quotes.next();
    quote.date = day.date;
    quote.weeks = weeks;
    quote.strike = strike;
    quote.call = call ? 1 : 0;
    quote.price = price;
    quote.standardError = standardError;
    quote.impliedVolatility = volatility;
    quote.asianPrice = this.paths.asian(expiry, strike, call).price;
  }

  /** Splits what the index did in the last month and the last year into a diffusion and jumps. */
  private calibrate(day: Day, sequence: number): JumpDiffusion {
    const short = yangZhangVariance(this.prices, sequence, SHORT_WINDOW_DAYS);
    const long = yangZhangVariance(this.prices, sequence, LONG_WINDOW_DAYS);
    const share = Math.min(
      HIGHEST_JUMP_SHARE,
      Math.max(LOWEST_JUMP_SHARE, jumpShare(this.prices, sequence, LONG_WINDOW_DAYS)),
    );
    const jumpSize = Math.sqrt((CRASH_PREMIUM * share * long) / JUMPS_A_YEAR);
    return {
      spot: day.close,
      rate: RATE,
      dividend: DIVIDEND,
      variance: (1 - share) * short,
      longVariance: (1 - share) * long,
      reversion: REVERSION,
      jumpIntensity: JUMPS_A_YEAR,
      jumpMean: -JUMP_SKEW * jumpSize,
      jumpDeviation: Math.sqrt(1 - JUMP_SKEW ** 2) * jumpSize,
    };
  }
}

function listedStrikes(model: JumpDiffusion, years: number): number[] {
  const jumpVariance = model.jumpIntensity * years * (model.jumpMean ** 2 + model.jumpDeviation ** 2);
  const reach = STRIKE_DEVIATIONS * Math.sqrt(diffusionVariance(model, years) + jumpVariance);
  const lowest = Math.max(LOWEST_STRIKE, Math.exp(-reach)) * model.spot;
  const highest = Math.min(HIGHEST_STRIKE, Math.exp(reach)) * model.spot;
  const strikes: number[] = [];
  for (let strike = Math.ceil(lowest / STRIKE_STEP) * STRIKE_STEP; strike <= highest; strike += STRIKE_STEP)
    strikes.push(strike);
  return strikes;
}
