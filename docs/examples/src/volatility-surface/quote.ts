/** One price of an option surface. Prices in index points. */
export interface Quote {
  /** Day of the quote, as the number yyyymmdd. */
  readonly date: number;
  readonly weeks: number;
  readonly strike: number;
  /** 1 for a call, 0 for a put. */
  readonly call: number;
  /** European option, by Monte Carlo. */
  readonly price: number;
  readonly standardError: number;
  /** Volatility at which Black–Scholes gives the price. */
  readonly impliedVolatility: number;
  /** Asian option with the same strike and expiry, on the mean of the weekly closes. */
  readonly asianPrice: number;
}

/** Takes quotes: `next` gives the next one to fill, and takes it when it is asked for another one, or when the day ends. */
export interface Quotes {
  next(): { -readonly [K in keyof Quote]: Quote[K] };
}

export const CSV_HEADER = 'date,weeks,strike,right,price,standard_error,implied_volatility,asian_price\n';

export function toCsvLine(quote: Quote): string {
  const right = quote.call === 1 ? 'call' : 'put';
  const numbers = [quote.price, quote.standardError, quote.impliedVolatility, quote.asianPrice].map((number) =>
    number.toFixed(4),
  );
  return `${quote.date},${quote.weeks},${quote.strike},${right},${numbers.join(',')}\n`;
}

export function fromCsvLine(line: string): Quote {
  const [date, weeks, strike, right, price, standardError, impliedVolatility, asianPrice] = line.split(',');
  return {
    date: Number(date),
    weeks: Number(weeks),
    strike: Number(strike),
    call: right === 'call' ? 1 : 0,
    price: Number(price),
    standardError: Number(standardError),
    impliedVolatility: Number(impliedVolatility),
    asianPrice: Number(asianPrice),
  };
}
