import { describe, test } from 'vitest';
import { SCENARIOS } from './scenarios.ts';

/** Seconds for each structure, all its scenarios together. `stress:long` gives an hour. */
const SECONDS = Number(process.env.STRESS_SECONDS ?? 60);

describe.each(['lane', 'event ring'] as const)('%s under stress', (of) => {
  const scenarios = SCENARIOS.filter((scenario) => scenario.of === of);
  const share = (SECONDS * 1000) / scenarios.length;
  test.each(scenarios)('$name', { timeout: share * 2 + 120_000 }, async ({ run }) => {
    const first = process.env.STRESS_SEED === undefined ? Date.now() % 1_000_000 : Number(process.env.STRESS_SEED);
    const until = performance.now() + share;
    for (let seed = first; performance.now() < until; seed++) {
      await run(seed, 10).catch((error: unknown) => {
        throw new Error(`with STRESS_SEED=${seed}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      });
    }
  });
});
