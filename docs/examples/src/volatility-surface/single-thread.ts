import { CsvFile } from './csv-file.ts';
import type { Job, Progress, Run } from './job.ts';
import { LatencyTable } from './latency.ts';
import { PriceTable } from './price-table.ts';
import { isInteresting, SurfacePricer } from './surface.ts';

/** The plain loop: what a program does without Millrace, and the reference for its output and its speed. */
export function runOnOneThread(job: Job, file: string, onProgress: (progress: Progress) => void): Run {
  const pricer = new SurfacePricer(PriceTable.of(job.days), job.pathPairs);
  const latencies = LatencyTable.of(job.days.length);
  const csv = new CsvFile(file);
  const started = performance.now();
  let quotes = 0;
  for (const [sequence, day] of job.days.entries()) {
    latencies.published(sequence);
    if (isInteresting(day, sequence)) {
      pricer.price(day, sequence, (quote) => {
        csv.write(quote);
        quotes++;
      });
      latencies.written(sequence);
    }
    onProgress({ events: sequence + 1, items: quotes });
  }
  csv.close();
  const seconds = (performance.now() - started) / 1000;
  return { title: 'single thread', file, seconds, events: job.days.length, items: quotes, latencies };
}
