/** Two short rounds of each stress scenario. */
import { describe, test } from 'vitest';
import { SCENARIOS } from '../stress/scenarios.ts';

describe.each(['lane', 'event ring'] as const)('%s between threads', (of) => {
  const scenarios = SCENARIOS.filter((scenario) => scenario.of === of);
  test.each(scenarios)('$name', async ({ run }) => {
    for (const seed of [3, 4]) await run(seed, 1);
  });
});
