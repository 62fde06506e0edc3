#!/usr/bin/env node
/**
 * Adds up the tests of the whole workspace and prints `N passed, N failed, N skipped` as one plain line, which CI reads.
 *
 * Source: the reports/*.json that vitest.base.ts makes every run of vitest write, and the model checker's, where a model
 * that found nothing wrong and a mutant that was rejected are passed tests. A test file which could not even be loaded has
 * no tests in its report; it counts as one failure.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportsOf } from './reports.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

let passed = 0;
let failed = 0;
let skipped = 0;
for (const { folder, path, files } of reportsOf(root)) {
  for (const file of files) {
    const report = JSON.parse(readFileSync(join(path, file), 'utf8'));
    if (report.models !== undefined) {
      const good = report.models.filter(({ verdict }) => verdict !== 'failed').length;
      const rejected = report.mutants.filter((mutant) => mutant.rejected).length;
      passed += good + rejected;
      failed += report.models.length - good + report.mutants.length - rejected;
      console.log(
        `${folder} ${file.replace('.json', '')}: ${good} of ${report.models.length} models, ${rejected} of ${report.mutants.length} mutants`,
      );
      continue;
    }
    const unloadable = report.testResults.filter(
      (r) => r.status === 'failed' && r.assertionResults.length === 0,
    ).length;
    passed += report.numPassedTests;
    failed += report.numFailedTests + unloadable;
    skipped += report.numPendingTests + report.numTodoTests;
    console.log(`${folder} ${file.replace('.json', '')}: ${report.numPassedTests} of ${report.numTotalTests}`);
  }
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
