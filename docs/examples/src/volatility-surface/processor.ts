import { processor } from 'millrace';
import { PriceTable } from './price-table.ts';
import { DayRecord, QuoteRecord } from './records.ts';
import { isInteresting, SurfacePricer } from './surface.ts';

export interface ProcessorData {
  readonly prices: SharedArrayBuffer;
  readonly pathPairs: number;
}

let pricer: SurfacePricer;

/** Runs on every processor thread: a day in, its quotes out. */
export default processor({
  input: DayRecord,
  output: QuoteRecord,
  init({ data }) {
    const { prices, pathPairs } = data as ProcessorData;
    pricer = new SurfacePricer(new PriceTable(prices), pathPairs);
  },
  interested: isInteresting,
  process(day, out) {
    pricer.price(day, out.sequence, out);
  },
});
