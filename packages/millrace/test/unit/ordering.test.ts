/**
 * I1, I2, I8: whole flows over real shared memory, all threads played on this one in an order that chance picks, against the
 * sequential oracle. A thread that found nothing to do sleeps until somebody wakes it, so a lost wake-up is found as
 * "nobody will ever wake", and a head that waits for memory as "an emit waits for ever".
 */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { graph } from '../support/jobs.ts';
import { expectItems, playGraph } from '../support/play-graph.ts';

const RUNS = 80;
const most = { events: 120, big: 400, items: 3_000, cost: 500, threads: 4, laneBytes: 64 };

describe('random flows played by hand deliver every item once and in order', () => {
  test('from synchronous processors, through lanes from 64 bytes on', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        graph({ ...most, kinds: ['function', 'generator'] }),
        fc.boolean(),
        async (given, toFunction) => {
          expectItems(given, await playGraph(given, toFunction, false));
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('from processors of all kinds, and to writers that acknowledge late', { timeout: 120_000 }, async () => {
    const kinds = ['async', 'asyncGenerator', 'mixed'] as const;
    await fc.assert(
      fc.asyncProperty(graph({ ...most, kinds, laneBytes: 2 ** 22 }), fc.boolean(), async (given, toFunction) => {
        expectItems(given, await playGraph(given, toFunction, true));
      }),
      { numRuns: RUNS },
    );
  });
});
