import { type Flow, type HeadOfLine, pipeline } from 'millrace';
import type { WriterData } from './csv-writer.ts';
import type { Job, Progress, Run } from './job.ts';
import { LatencyTable } from './latency.ts';
import type { Day } from './market.ts';
import { PriceTable } from './price-table.ts';
import type { ProcessorData } from './processor.ts';
import { DayRecord } from './records.ts';

/** Days that wait for a processor. A few are enough to keep all threads busy; more would only add to the latency. */
export const RING_CAPACITY = 64;
export const PROGRESS_EVERY_MS = 100;

/** The same job through Millrace. Starting the threads counts towards its time. */
export async function runOnAllCores(
  job: Job,
  file: string,
  threads: number,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Run> {
  const latencies = LatencyTable.of(job.days.length);
  const started = performance.now();

  await using flow = await pipeline({ source: DayRecord, capacity: RING_CAPACITY })
    .process(new URL('./processor.js', import.meta.url), {
      threads,
      data: { prices: PriceTable.of(job.days).buffer, pathPairs: job.pathPairs } satisfies ProcessorData,
    })
    .write(new URL('./csv-writer.js', import.meta.url), {
      data: { file, latencies: latencies.buffer } satisfies WriterData,
    })
    .start({ signal });

  const reporter = setInterval(() => onProgress(progressOf(flow)), PROGRESS_EVERY_MS);
  try {
    await flow.publish(stamped(job.days, latencies));
    await flow.drain();
  } finally {
    clearInterval(reporter);
  }
  const { items } = flow.stats();
  const seconds = (performance.now() - started) / 1000;
  return { title: `${threads} processors`, file, seconds, events: job.days.length, items, latencies };
}

/** The ring takes a day when it has room for it, which is when the loop below goes on. */
function* stamped(days: readonly Day[], latencies: LatencyTable): Generator<Day> {
  for (const [sequence, day] of days.entries()) {
    latencies.published(sequence);
    yield day;
  }
}

export function progressOf(flow: Flow<Day>): Progress {
  const { published, items } = flow.stats();
  const head = flow.headOfLine();
  return { events: published, items, headOfLine: head && describeHead(head) };
}

function describeHead({ sequence, thread, cause, ageMs }: HeadOfLine): string {
  const state = cause === 'none' ? 'busy' : `waiting for ${cause}`;
  return `day ${sequence}, ${thread} ${state}, ${Math.round(ageMs)} ms`;
}
