import { CsvFile } from './csv-file.ts';
import type { Job, Progress, Run } from './job.ts';
import { LatencyTable } from './latency.ts';
import { PriceTable } from './price-table.ts';
import type { Quotes } from './quote.ts';
import { isInteresting, SurfacePricer } from './surface.ts';

/** The plain loop: what a program does without Millrace, and the reference for its output and its speed. */
export function runOnOneThread(job: Job, file: string, onProgress: (progress: Progress) => void): Run {
  const pricer = new SurfacePricer(PriceTable.of(job.days), job.pathPairs);
  const latencies = LatencyTable.of(job.days.length);
  const csv = new CsvFile(file);
  const started = performance.now();
  const quotes = new LoopQuotes(csv);
  for (const [sequence, day] of job.days.entries()) {
    latencies.published(sequence);
    if (isInteresting(day, sequence)) {
      pricer.price(day, sequence, quotes);
      quotes.end();
      latencies.written(sequence);
    }
    onProgress({ events: sequence + 1, items: quotes.count });
  }
  csv.close();
  const seconds = (performance.now() - started) / 1000;
  return { title: 'single thread', file, seconds, events: job.days.length, items: quotes.count, latencies };
}

/** What a processor's output is to the job on all cores: one quote, filled again and again. */
class LoopQuotes implements Quotes {
  count = 0;
  private readonly csv: CsvFile;
  private readonly quote = {
    date: 0,
    weeks: 0,
    strike: 0,
    call: 0,
    price: 0,
    standardError: 0,
    impliedVolatility: 0,
    asianPrice: 0,
  };
  private isFilled = false;

  constructor(csv: CsvFile) {
    this.csv = csv;
  }

  next(): typeof this.quote {
    this.end();
    this.isFilled = true;
    this.count++;
    return this.quote;
  }

  /** The day ends: its last quote is filled. */
  end(): void {
    if (this.isFilled) this.csv.write(this.quote);
    this.isFilled = false;
  }
}
