import { type Batch, pipeline, sequences, toRing } from 'millrace';
import { readBatch } from '../fixtures/read-batch.mjs';
import { eventOf } from '../fixtures/workload.mjs';
import { placesOf } from './batch-check.ts';
import { CODECS, type Graph } from './jobs.ts';

export type DestinationName = 'ring' | 'function' | 'lateFunction' | 'module' | 'lateModule';

const fixture = (name: string, query: Record<string, string>): URL =>
  new URL(`../fixtures/${name}.mjs?${new URLSearchParams(query).toString()}`, import.meta.url);

function* eventsOf({ job }: Graph): Generator<unknown> {
  for (let id = 0; id < job.events; id++) yield eventOf(job, id);
}

async function* slowEventsOf(graph: Graph): AsyncGenerator<unknown> {
  for (const event of eventsOf(graph)) {
    if ((event as { id: number }).id % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    yield event;
  }
}

let channels = 0;

/** Runs a random flow for real, as a user would, and returns its items in the order in which they were delivered. */
export async function runGraph(
  graph: Graph,
  destination: DestinationName,
  mode: 'threads' | 'inline',
): Promise<unknown[]> {
  const { job, input, output, kind } = graph;
  const items: unknown[] = [];
  let place: [sequence: number, index: number] = [-1, 0];
  /** The places of items are exact, too: each goes on where the one before ended. */
  const take = (sequence: number, index: number, item: unknown): void => {
    const goesOn = sequence === place[0] ? index === place[1] + 1 : sequence > place[0] && index === 0;
    if (!goesOn) throw new Error(`item ${sequence}:${index} follows ${place[0]}:${place[1]}`);
    place = [sequence, index];
    items.push(item);
  };
  const channel = `millrace-test-${process.pid}-${channels++}`;
  const port = new BroadcastChannel(channel);
  const portEnded = new Promise<void>((resolve) => {
    port.onmessage = ({ data }) => {
      if (data === 'end') resolve();
      else for (const [sequence, index, item] of data as [number, number, unknown][]) take(sequence, index, item);
    };
  });
  const late = destination === 'lateFunction' || destination === 'lateModule' ? 3 : 0;
  let batches = 0;

  // Bare sequences are all there from the start, or handed out a few at a time.
  const handed = input === 'bare' && job.seed % 3 === 0;
  const processed = pipeline({
    source: (input === 'bare' ? sequences(handed ? undefined : job.events) : CODECS.events[input]) as never,
    capacity: input === 'bare' && !handed ? undefined : graph.sourceCapacity,
    startAt: job.startAt,
    ticketMs: graph.ticketMs,
  }).process(fixture('job-processor', { input, output, kind }), {
    threads: graph.threads,
    laneBytes: graph.laneBytes,
    batchBytes: graph.batchBytes,
    blockBytes: graph.blockBytes,
    data: job,
  });
  const isRing = destination === 'ring';
  const isModule = destination === 'module' || destination === 'lateModule';
  const ready = isRing
    ? processed.write(toRing({ capacity: graph.ringCapacity }))
    : isModule
      ? processed.write(fixture('job-writer', { output }), { data: { channel, late, takes: graph.takes } })
      : processed.write((batch) => {
          const read = readBatch(batch as Batch<unknown>, CODECS.items[output] as never, job.seed & 0xff);
          for (const [i, [sequence, index]] of placesOf(batch as Batch<unknown>).entries())
            take(sequence, index, read[i]);
          return late > 0 && ++batches % late === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;
        });
  try {
    const flow = await ready.start({ mode });
    const reading = isRing
      ? (async () => {
          for await (const item of flow.results()) items.push(item);
        })()
      : undefined;
    if (input !== 'bare') await flow.publish((job.seed % 2 === 0 ? eventsOf(graph) : slowEventsOf(graph)) as never);
    for (let left = job.events; handed && left > 0; ) {
      const some = Math.min(left, 1 + (left % 37));
      await flow.advance(some);
      left -= some;
    }
    await flow.drain();
    await reading;
    if (isModule) await portEnded;
    if (flow.published !== job.startAt + job.events)
      throw new Error(`published ${flow.published} of ${job.events} events`);
  } finally {
    port.close();
  }
  return items;
}
