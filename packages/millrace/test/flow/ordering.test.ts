/** I1 on real threads and in the inline mode: random flows against the sequential oracle. */
import fc from 'fast-check';
import { type Batch, pipeline, sequences } from 'millrace';
import { describe, expect, test } from 'vitest';
import { placesOf } from '../support/batch-check.ts';
import { graph } from '../support/jobs.ts';
import { expectItems } from '../support/play-graph.ts';
import { type DestinationName, runGraph } from '../support/run-graph.ts';

const kinds = ['function', 'generator', 'async', 'asyncGenerator', 'mixed'] as const;
const destination = fc.constantFrom<DestinationName>('ring', 'function', 'lateFunction', 'module', 'lateModule');

// Fails with: Flow.run tells the end of bare sequences after it lets everybody begin.
test.each([0, 1, 2, 3])('of %d bare sequences no more than these are computed and delivered', async (count) => {
  const seen: number[] = [];
  const job = { seed: 1, events: count, startAt: 0, boring: 0, none: 0, one: 1, many: 0, big: 2, text: 1, cost: 0 };
  for (const mode of ['inline', 'threads'] as const) {
    const module = new URL('../fixtures/job-processor.mjs?input=bare&output=scalar&kind=function', import.meta.url);
    const flow = await pipeline({ source: sequences(count) })
      .process(module, { threads: 2, data: job })
      .write((batch: Batch<number>) => void seen.push(...placesOf(batch).map(([sequence]) => sequence)))
      .start({ mode });
    await flow.ended;
    expect(seen.splice(0)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(flow.published).toBe(count);
  }
});

describe('random flows deliver every item once and in order', () => {
  test('on threads', { timeout: 120_000 }, async () => {
    // Items may exceed lane and ring together many times over.
    const most = { events: 800, big: 3_000, items: 12_000, cost: 20_000, threads: 4, kinds, laneBytes: 64 };
    await fc.assert(
      fc.asyncProperty(graph(most), destination, async (given, to) => {
        expectItems(given, await runGraph(given, to, 'threads'));
      }),
      { numRuns: 10, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    );
  });

  test('in the inline mode', { timeout: 120_000 }, async () => {
    const most = { events: 300, big: 500, items: 5_000, cost: 500, threads: 4, kinds, laneBytes: 64 };
    await fc.assert(
      fc.asyncProperty(graph(most), destination, async (given, to) => {
        expectItems(given, await runGraph(given, to, 'inline'));
      }),
      { numRuns: 40, interruptAfterTimeLimit: 4_000, markInterruptAsFailure: false },
    );
  });
});
