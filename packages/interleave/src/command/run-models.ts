import { check, type Report } from '../check.ts';
import type { Model } from '../model.ts';

/** Which models to run, and how. */
export interface RunOptions {
  /** Which models to run: those whose name contains one of these texts; all if left out. */
  readonly only?: readonly string[];
  /** Take each model's `long` options, and the models that are for long runs only. */
  readonly long?: boolean;
  /** Receives each line of the report. Default: none. */
  readonly print?: (line: string) => void;
}

/** Checks models one after the other and reports each in a line; a failure with its trace and how to replay it. */
export async function runModels(models: readonly Model[], options: RunOptions = {}): Promise<Report[]> {
  const { only, long = false, print = () => {} } = options;
  const chosen = chooseModels(models, only, long);
  const width = Math.max(0, ...chosen.map(({ name }) => name.length));
  const reports: Report[] = [];
  for (const model of chosen) {
    const report = await check(model, long ? { ...model.options, ...model.long } : {});
    reports.push(report);
    print(formatReport(report, width));
    if (report.failure !== null) print(formatFailure(report));
  }
  return reports;
}

/** The models to run. Throws for a text that no name contains. */
function chooseModels(models: readonly Model[], only: readonly string[] | undefined, long: boolean): readonly Model[] {
  if (only === undefined) return models.filter((model) => long || !model.longOnly);
  const strangers = only.filter((text) => !models.some(({ name }) => name.includes(text)));
  if (strangers.length > 0) {
    const names = models.map(({ name }) => `\n  ${name}`).join('');
    throw new Error(`no model has a name that contains "${strangers.join('" or "')}"; there are:${names}`);
  }
  return models.filter(({ name }) => only.some((text) => name.includes(text)));
}

/** One line: name, verdict with its bound, counts, seconds. */
export function formatReport(report: Report, width = 0): string {
  const verdict = report.bound === '' ? report.verdict : `${report.verdict} (${report.bound})`;
  const counts = `${formatNumber(report.executions)} executions, ${formatNumber(report.steps)} steps`;
  return `${report.name.padEnd(width)}  ${verdict}: ${counts}, ${report.seconds.toFixed(1)} s`;
}

function formatFailure({ name, failure }: Report): string {
  const { kind, message, trace, schedule } = failure!;
  const indented = trace === '' ? '' : `\n${trace.replaceAll(/^/gm, '    ')}`;
  return `  ${kind}: ${message}${indented}\n  replay with: interleave replay '<model file>#${name}' ${schedule || "''"}`;
}

const formatNumber = (value: number): string => value.toLocaleString('en-US');
