/** I1 on real threads and in the inline mode: random flows against the sequential oracle. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { graph } from '../support/jobs.ts';
import { expectItems } from '../support/play-graph.ts';
import { type DestinationName, runGraph } from '../support/run-graph.ts';

const kinds = ['function', 'generator', 'async', 'asyncGenerator', 'mixed'] as const;
const destination = fc.constantFrom<DestinationName>('ring', 'function', 'lateFunction', 'module', 'lateModule');

describe('random flows deliver every item once and in order', () => {
  test('on threads', { timeout: 120_000 }, async () => {
    // Items may exceed lane and ring together many times over.
    const most = { events: 800, big: 3_000, items: 20_000, cost: 20_000, threads: 4, kinds, laneBytes: 64 };
    await fc.assert(
      fc.asyncProperty(graph(most), destination, async (given, to) => {
        expectItems(given, await runGraph(given, to, 'threads'));
      }),
      { numRuns: 14, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  });

  test('in the inline mode', { timeout: 120_000 }, async () => {
    const most = { events: 300, big: 500, items: 5_000, cost: 500, threads: 4, kinds, laneBytes: 64 };
    await fc.assert(
      fc.asyncProperty(graph(most), destination, async (given, to) => {
        expectItems(given, await runGraph(given, to, 'inline'));
      }),
      { numRuns: 60, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false },
    );
  });
});
