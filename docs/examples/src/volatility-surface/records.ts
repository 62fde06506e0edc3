import { f64, struct, u32 } from 'millrace';

/** A `Day` of market.ts as bytes in the source ring. */
export const DayRecord = struct({ date: u32, open: f64, high: f64, low: f64, close: f64, volume: f64 });

/** A `Quote` of quote.ts as bytes in a lane. */
export const QuoteRecord = struct({
  date: u32,
  weeks: u32,
  strike: f64,
  call: u32,
  price: f64,
  standardError: f64,
  impliedVolatility: f64,
  asianPrice: f64,
});
