/**
 * Whole flows on real threads, with their content checked, by seeds that are printed. MILLRACE_STRESS_MS sets the time of
 * all scenarios together (default a minute), MILLRACE_STRESS_SEED the first seed.
 */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { runCrowd } from '../support/crowd.ts';
import { graph } from '../support/jobs.ts';
import { expectItems, playGraph } from '../support/play-graph.ts';
import { type DestinationName, runGraph } from '../support/run-graph.ts';

const MS = Number(process.env.MILLRACE_STRESS_MS ?? 60_000);
const FIRST = Number(process.env.MILLRACE_STRESS_SEED ?? Date.now() % 1_000_000);
const kinds = ['function', 'generator', 'async', 'asyncGenerator', 'mixed'] as const;
const destinations = ['ring', 'function', 'lateFunction', 'module', 'lateModule'] as const;

const one = <T>(arbitrary: fc.Arbitrary<T>, seed: number): T => fc.sample(arbitrary, { numRuns: 1, seed })[0]!;

const large = graph({ events: 20_000, big: 200_000, items: 300_000, cost: 50_000, threads: 4, kinds, laneBytes: 64 });
const small = graph({ events: 60, big: 300, items: 300, cost: 20_000, threads: 4, kinds, laneBytes: 64 });
const byHand = graph({
  events: 300,
  big: 2_000,
  items: 10_000,
  cost: 500,
  threads: 4,
  kinds: ['function', 'generator'],
  laneBytes: 64,
});
const to = fc.constantFrom<DestinationName>(...destinations);

const SCENARIOS: [name: string, share: number, run: (seed: number) => Promise<void>][] = [
  [
    'large random flows',
    0.35,
    async (seed) => {
      const [given, where] = one(fc.tuple(large, to), seed);
      expectItems(given, await runGraph(given, where, 'threads'));
    },
  ],
  [
    'small random flows, started and ended again and again',
    0.25,
    async (seed) => {
      const [given, where] = one(fc.tuple(small, to), seed);
      expectItems(given, await runGraph(given, where, 'threads'));
    },
  ],
  ['threads that join late and leave early', 0.25, (seed) => runCrowd(seed, 30_000)],
  [
    'flows played by hand on one thread',
    0.15,
    async (seed) => {
      const [given, toFunction] = one(fc.tuple(byHand, fc.boolean()), seed);
      expectItems(given, await playGraph(given, toFunction, false));
    },
  ],
];

describe('ordering under stress', () => {
  test.each(SCENARIOS)('%s', { timeout: MS * 2 + 120_000 }, async (name, share, run) => {
    const until = performance.now() + MS * share;
    let seed = FIRST;
    for (; performance.now() < until; seed++) {
      await run(seed).catch((cause: unknown) => {
        throw new Error(
          `${name} with MILLRACE_STRESS_SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`,
          { cause },
        );
      });
    }
    console.log(`${name}: seeds ${FIRST} to ${seed - 1}`);
  });
});
