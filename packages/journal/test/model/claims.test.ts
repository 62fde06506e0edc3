/** How one of several writers becomes the owner of a journal: all interleavings of the steps of its files, deaths and power cuts included. */
import { expect, it } from 'vitest';
import { loadBuilt } from './support/built.ts';
import { explore } from './support/explore.ts';
import { SCENARIOS } from './support/scenarios.ts';

const built = await loadBuilt();

it.each(SCENARIOS)('$name', { timeout: 600_000 }, async (scenario) => {
  const { executions } = await explore(scenario, built);
  expect(executions).toBeGreaterThan(1);
});
