import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Folders under test/ that have a gate of their own; `vitest run` alone leaves them out. */
const SUITES_WITH_OWN_GATE = ['stress'];

/**
 * The vitest configuration of every package. `vitest run` takes the fast tests, `vitest run --mode stress` the tests under
 * that folder. Each run leaves its counts in reports/<mode>.json, which scripts/count.mjs adds up.
 */
export default defineConfig(({ mode }): ViteUserConfig => {
  const ownGate = SUITES_WITH_OWN_GATE.includes(mode);
  return {
    test: {
      include: [ownGate ? `test/${mode}/**/*.test.ts` : 'test/**/*.test.ts'],
      exclude: ownGate ? [] : SUITES_WITH_OWN_GATE.map((suite) => `test/${suite}/**`),
      pool: 'forks',
      testTimeout: 60_000,
      hookTimeout: 60_000,
      passWithNoTests: true,
      reporters: ['default', 'json'],
      outputFile: { json: `reports/${mode}.json` },
      // Built code is loaded by Node itself, so that a thread and the test that starts it run the very same files.
      server: { deps: { external: [/\/dist\//] } },
    },
  };
});
