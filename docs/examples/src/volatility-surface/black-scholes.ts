/** A European option, in terms of the forward price of its underlying (F. Black, 1976). */
export interface EuropeanOption {
  readonly call: boolean;
  readonly strike: number;
  readonly years: number;
  /** Price agreed today for delivery at expiry: spot · exp((rate − dividend) · years). */
  readonly forward: number;
  /** Value today of one unit paid at expiry: exp(−rate · years). */
  readonly discount: number;
}

const LOWEST_VOLATILITY = 1e-4;
const HIGHEST_VOLATILITY = 10;
const MAX_ITERATIONS = 100;
const SQRT_TWO_PI = 2.5066282746310002;

/** Value of the option at a volatility (per square root of a year). */
export function blackScholes(option: EuropeanOption, volatility: number): number {
  const { call, strike, forward, discount } = option;
  const deviation = volatility * Math.sqrt(option.years);
  const d1 = Math.log(forward / strike) / deviation + deviation / 2;
  const d2 = d1 - deviation;
  return call
    ? discount * (forward * normalCdf(d1) - strike * normalCdf(d2))
    : discount * (strike * normalCdf(-d2) - forward * normalCdf(-d1));
}

/** Change of the value per unit of volatility; the same for calls and puts. */
export function vega(option: EuropeanOption, volatility: number): number {
  const deviation = volatility * Math.sqrt(option.years);
  const d1 = Math.log(option.forward / option.strike) / deviation + deviation / 2;
  return (option.discount * option.forward * Math.sqrt(option.years) * Math.exp(-0.5 * d1 * d1)) / SQRT_TWO_PI;
}

/**
 * The volatility at which Black–Scholes gives `price`, or NaN when none does (the price breaks an arbitrage bound).
 *
 * Newton from the inflection point of price over volatility, from where it converges monotonically (S. Manaster and
 * G. Koehler, 1982), inside a bracket that falls back to bisection where vega vanishes.
 */
export function impliedVolatility(option: EuropeanOption, price: number): number {
  let low = LOWEST_VOLATILITY;
  let high = HIGHEST_VOLATILITY;
  if (!(price > blackScholes(option, low) && price < blackScholes(option, high))) return Number.NaN;

  let volatility = Math.sqrt((2 * Math.abs(Math.log(option.forward / option.strike))) / option.years);
  if (!(volatility > low && volatility < high)) volatility = 0.2;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const excess = blackScholes(option, volatility) - price;
    if (excess > 0) high = volatility;
    else low = volatility;
    let next = volatility - excess / vega(option, volatility);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - volatility) < 1e-12) return next;
    volatility = next;
  }
  return volatility;
}

/** Standard normal distribution function to double precision. Hart's rational form, as given by G. West, Wilmott (2005). */
export function normalCdf(x: number): number {
  const z = Math.abs(x);
  const tail = z > 37 ? 0 : Math.exp((-z * z) / 2) * (z < 7.07106781186547 ? millsRatio(z) : farMillsRatio(z));
  return x > 0 ? 1 - tail : tail;
}

function millsRatio(z: number): number {
  // biome-ignore format: a polynomial in Horner form
  const numerator =
    (((((3.52624965998911e-2 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z + 112.079291497871) * z +
      221.213596169931) * z + 220.206867912376;
  // biome-ignore format: a polynomial in Horner form
  const denominator =
    ((((((8.83883476483184e-2 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z + 296.564248779674) * z +
      637.333633378831) * z + 793.826512519948) * z + 440.413735824752;
  return numerator / denominator;
}

function farMillsRatio(z: number): number {
  return 1 / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65))))) / SQRT_TWO_PI;
}
