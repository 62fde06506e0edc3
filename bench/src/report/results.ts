import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Case } from '../harness/cases.ts';
import type { Report } from '../harness/report.ts';

/** What suites have left in a folder of results. */
export class Results {
  /** By suite. */
  readonly reports: ReadonlyMap<string, Report>;
  readonly charts: ReadonlySet<string>;
  /** What the same suites gave on other versions of Node. */
  readonly others: readonly Results[];
  readonly #cases: ReadonlyMap<string, Case>;

  constructor(reports: ReadonlyMap<string, Report>, charts: readonly string[] = [], others: readonly Results[] = []) {
    this.reports = reports;
    this.charts = new Set(charts);
    this.others = others;
    this.#cases = new Map([...reports.values()].flatMap(({ cases }) => cases.map((one) => [one.name, one] as const)));
  }

  find(name: string): Case | undefined {
    return this.#cases.get(name);
  }

  /** The cases whose names have these parts first, with what follows. */
  under(...parts: readonly string[]): { readonly rest: readonly string[]; readonly one: Case }[] {
    return [...this.#cases.values()].flatMap((one) => {
      const words = one.name.split('/');
      return parts.every((part, i) => words[i] === part) ? [{ rest: words.slice(parts.length), one }] : [];
    });
  }

  /** The version of Node. */
  get node(): string {
    return [...new Set([...this.reports.values()].map(({ node }) => node))].join(', ');
  }

  /** The version of Node that ran a suite. */
  nodeOf(suite: string): string | undefined {
    return this.reports.get(suite)?.node;
  }

  has(suite: string): boolean {
    return this.reports.has(suite);
  }
}

/** The oldest Node that is supported; its figures are those of the pages, and those of others stand beside them. */
const PAGES_NODE = 20;

/** Where this process leaves results, below the folder for all of them. */
export function resultsFolder(folder: string, version: string = process.versions.node): string {
  const major = Number.parseInt(version, 10);
  return major === PAGES_NODE ? folder : path.join(folder, `node-${major}`);
}

export function readResults(folder: string): Results {
  const files = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const reports = files
    .filter((file) => /^[\w-]+\.json$/.test(file))
    .map((file) => [file.slice(0, -'.json'.length), readJson(path.join(folder, file))] as const);
  const charts = files.filter((file) => file.endsWith('.svg')).map((file) => file.slice(0, -'.svg'.length));
  const others = files.filter((file) => /^node-\d+$/.test(file)).map((file) => readResults(path.join(folder, file)));
  return new Results(new Map(reports), charts, others);
}

const readJson = (file: string): Report => JSON.parse(readFileSync(file, 'utf8')) as Report;
