import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SuiteResult } from '../suites/suite.ts';
import type { Case } from './cases.ts';
import { svgOf } from './chart.ts';
import { commit, type Machine, machine } from './machine.ts';

/** The result file: this shape is read by the documentation and by comparisons over time, so it only ever gains fields. */
export interface Report {
  readonly machine: Machine;
  readonly node: string;
  readonly commit: string;
  readonly cases: readonly Case[];
}

export const reportOf = (cases: readonly Case[]): Report => ({
  machine: machine(),
  node: process.version,
  commit: commit(),
  cases,
});

export async function writeJson(file: string, value: unknown): Promise<void> {
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Writes the cases, every single run, and the charts of a suite to `folder`. */
export async function writeResults(folder: string, suite: string, result: SuiteResult): Promise<void> {
  const report = reportOf(result.cases);
  await writeJson(path.join(folder, `${suite}.json`), report);
  await writeJson(path.join(folder, `${suite}.runs.json`), { ...report, cases: undefined, runs: result.runs });
  for (const chart of result.charts) await writeFile(path.join(folder, `${chart.name}.svg`), await svgOf(chart));
}
