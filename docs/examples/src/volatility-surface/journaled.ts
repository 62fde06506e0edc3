import { mkdirSync } from 'node:fs';
import { journalPosition, openJournal, toJournal } from '@millrace/journal';
import { type Infer, pipeline } from 'millrace';
import { PROGRESS_EVERY_MS, progressOf, RING_CAPACITY } from './all-cores.ts';
import { CsvFile } from './csv-file.ts';
import type { Job, Progress, Run } from './job.ts';
import { PriceTable } from './price-table.ts';
import type { ProcessorData } from './processor.ts';
import { DayRecord, type QuoteRecord } from './records.ts';

/**
 * The job on all cores, delivered into a journal: killed at any moment and started again, it goes on behind the last quote
 * that was committed. When it is complete, its quotes are written out as CSV. The time is this start's.
 */
export async function runJournaled(
  job: Job,
  file: string,
  folder: string,
  threads: number,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  mkdirSync(folder, { recursive: true });
  const { sequence: startAt } = await journalPosition(folder);
  const started = performance.now();
  const rest = job.days.slice(startAt);

  await using flow = await pipeline({ source: DayRecord, capacity: RING_CAPACITY, startAt })
    .process(new URL('./processor.js', import.meta.url), {
      threads,
      data: { prices: PriceTable.of(job.days).buffer, pathPairs: job.pathPairs } satisfies ProcessorData,
    })
    .write(toJournal({ dir: folder }))
    .start({ signal });

  const reporter = setInterval(() => {
    const progress = progressOf(flow);
    onProgress({ ...progress, events: startAt + progress.events });
  }, PROGRESS_EVERY_MS);
  try {
    await flow.publish(rest);
    await flow.drain();
  } finally {
    clearInterval(reporter);
  }
  const seconds = (performance.now() - started) / 1000;
  const { items } = flow.stats();
  await writeOut(folder, file);
  const title = startAt === 0 ? `${threads}, journal` : `${threads}, from day ${startAt}`;
  return { title, file, seconds, events: rest.length, items, latencies: undefined };
}

async function writeOut(folder: string, file: string): Promise<void> {
  await using reader = openJournal<Infer<typeof QuoteRecord>>(folder);
  const csv = new CsvFile(file);
  for await (const quote of reader.items()) csv.write(quote);
  csv.close();
}
