/** The scenarios are shown to fail: each mistake in the built code is found by one of them. */
import { expect, it } from 'vitest';
import { loadBuilt } from './support/built.ts';
import { explore } from './support/explore.ts';
import { MUTANTS } from './support/mutants.ts';
import { SCENARIOS } from './support/scenarios.ts';

it.each(MUTANTS)('rejects: $name', { timeout: 600_000 }, async (mutant) => {
  const built = await loadBuilt(mutant);
  const failures: unknown[] = [];
  for (const name of mutant.scenarios) {
    const scenario = SCENARIOS.find((candidate) => candidate.name === name);
    if (scenario === undefined) throw new Error(`no scenario has the name ${name}`);
    await explore(scenario, built).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) break;
  }
  expect(failures, mutant.scenarios.join(', ')).toHaveLength(1);
});
