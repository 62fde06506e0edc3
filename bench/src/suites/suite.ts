import type { Case } from '../harness/cases.ts';
import type { Chart } from '../harness/chart.ts';

export interface SuiteOptions {
  /** Small sizes and few rounds: checks every answer, and its times mean nothing. */
  readonly quick: boolean;
  /** Rounds of each comparison; the suite knows a good number. */
  readonly rounds?: number;
  /** Run these contenders alone, beside the plain loop; empty for all. */
  readonly only: readonly string[];
  /** Computing threads. */
  readonly threads: number;
  /** Progress for a person; never part of a result. */
  readonly log: (line: string) => void;
}

export interface SuiteResult {
  readonly cases: readonly Case[];
  readonly charts: readonly Chart[];
  /** Every single measurement, as plain data. */
  readonly runs: readonly unknown[];
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  /** What `--only` chooses from; a suite that measures Millrace alone has none, and is left out where `--only` is given. */
  contenders(): readonly string[];
  run(options: SuiteOptions): Promise<SuiteResult>;
}

export const wanted = (options: SuiteOptions, name: string): boolean =>
  options.only.length === 0 || options.only.includes(name);
