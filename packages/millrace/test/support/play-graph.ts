import { expect } from 'vitest';
import { sequences } from '../../src/flow/sequences.ts';
import { eventOf, expectedItems, jobProcessor } from '../fixtures/workload.mjs';
import { HandFlow, randomBy } from './hand-flow.ts';
import { CODECS, type Graph } from './jobs.ts';

/** What a flow as in `graph` delivers into a ring, or to a function, played by hand. */
export async function playGraph(graph: Graph, toFunction: boolean, late: boolean): Promise<unknown[]> {
  const { job, input, output, kind } = graph;
  const written: unknown[] = [];
  let place: [sequence: number, index: number] = [-1, 0];
  const flow = new HandFlow(
    jobProcessor(CODECS, { input, output, kind }, job),
    {
      pipeline: {
        source: (input === 'bare' ? sequences(job.events) : CODECS.events[input]) as never,
        capacity: input === 'bare' ? undefined : graph.sourceCapacity,
        startAt: job.startAt,
        ticketMs: graph.ticketMs,
      },
      process: { threads: graph.threads, laneBytes: graph.laneBytes, batchBytes: graph.batchBytes },
      write: toFunction
        ? (batch) => {
            // The places are exact, too: each run goes on where the one before ended.
            expect([batch.sequence, batch.first]).toEqual([batch.runSequence(0), batch.runFirst(0)]);
            let items = 0;
            for (let run = 0; run < batch.runs; run++) {
              const [sequence, first] = [batch.runSequence(run), batch.runFirst(run)];
              if (sequence === place[0]) expect(first).toBe(place[1]);
              else {
                expect(first).toBe(0);
                expect(sequence).toBeGreaterThan(place[0]);
              }
              expect(batch.runBegin(run)).toBe(items);
              expect(batch.sequenceAt(items)).toBe(sequence);
              items = batch.runEnd(run);
              place = [sequence, batch.runEnds(run) ? Number.NaN : first + items - batch.runBegin(run)];
            }
            expect(items).toBe(batch.length);
            expect(batch.runEnds(batch.runs - 1)).toBe(batch.last);
            written.push(...batch.toArray());
            return late && batch.sequence % 3 === 0 ? Promise.resolve() : undefined;
          }
        : { capacity: graph.ringCapacity },
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
