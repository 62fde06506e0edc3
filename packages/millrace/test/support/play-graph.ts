import { expect } from 'vitest';
import { sequences } from '../../src/flow/sequences.ts';
import type { Batch } from '../../src/writer/batch.ts';
import { readBatch } from '../fixtures/read-batch.mjs';
import { eventOf, expectedItems, jobProcessor } from '../fixtures/workload.mjs';
import { type ItemPlace, placesOf } from './batch-check.ts';
import { HandFlow, randomBy } from './hand-flow.ts';
import { CODECS, type Graph } from './jobs.ts';

/** What a flow as in `graph` delivers into a ring, or to a function, played by hand. */
export async function playGraph(graph: Graph, toFunction: boolean, late: boolean): Promise<unknown[]> {
  const { job, input, output, kind } = graph;
  const written: unknown[] = [];
  let next: ItemPlace = [-1, 0];
  let writes = 0;
  const write = (batch: Batch<unknown>): void | Promise<void> => {
    // The places are exact, too: each item goes on where the one before ended.
    for (const [sequence, index] of placesOf(batch)) {
      if (sequence === next[0]) expect(index).toBe(next[1]);
      else {
        expect(index).toBe(0);
        expect(sequence).toBeGreaterThan(next[0]);
      }
      next = [sequence, index + 1];
    }
    if (batch.last) next = [batch.sequenceAt(batch.length - 1) + 1, 0];
    const { maxItems = Number.POSITIVE_INFINITY, batches } = graph.takes;
    expect(batch.length).toBeLessThanOrEqual(maxItems);
    if (batches === 'sequence') expect(batch.runs).toBe(1);
    if (batch.runs > 1) expect(batch.bytes).toBeLessThanOrEqual(graph.blockBytes);
    written.push(...readBatch(batch, CODECS.items[output] as never, writes++));
    return late && batch.sequence % 3 === 0 ? Promise.resolve() : undefined;
  };
  const flow = new HandFlow(
    jobProcessor(CODECS, { input, output, kind }, job),
    {
      pipeline: {
        source: (input === 'bare' ? sequences(job.events) : CODECS.events[input]) as never,
        capacity: input === 'bare' ? undefined : graph.sourceCapacity,
        startAt: job.startAt,
        ticketMs: graph.ticketMs,
      },
      process: {
        threads: graph.threads,
        laneBytes: graph.laneBytes,
        batchBytes: graph.batchBytes,
        blockBytes: graph.blockBytes,
      },
      write: toFunction ? { open: () => ({ ...graph.takes, write }) } : { capacity: graph.ringCapacity },
    },
    randomBy(job.seed),
  );
  let before = job.startAt;
  flow.onStep = () => {
    const { published } = flow;
    if (published < before || published > job.startAt + job.events)
      throw new Error(`published ${published} after ${before}`);
    before = published;
  };
  await flow.finish(input === 'bare' ? [] : Array.from({ length: job.events }, (_, id) => eventOf(job, id)));
  expect(flow.published).toBe(job.startAt + job.events);
  return toFunction ? written : flow.read;
}

/** Compares with what one thread alone would make. */
export const expectItems = (graph: Pick<Graph, 'job' | 'output'>, items: readonly unknown[]): void => {
  const expected = expectedItems(graph.job, graph.output);
  expect(items.length).toBe(expected.length);
  expect(items).toEqual(expected);
};
