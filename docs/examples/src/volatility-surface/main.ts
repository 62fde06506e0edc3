/** What `npm start` runs: prices every day twice, on one thread and on all cores, and shows that only the time differs. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import pc from 'picocolors';
import { runOnAllCores } from './all-cores.ts';
import { drawChart } from './chart.ts';
import { readChartData } from './chart-data.ts';
import { interruptible } from './interrupt.ts';
import type { Job, Progress, Run } from './job.ts';
import { runJournaled } from './journaled.ts';
import { parseDays, readDataset } from './market.ts';
import { type MeasuredRun, reportTable } from './report.ts';
import { readSettings } from './settings.ts';
import { runOnOneThread } from './single-thread.ts';
import { openTerminal } from './terminal.ts';

const CHART_YEAR = 2008;

const settings = readSettings(process.argv.slice(2), process.env);
const terminal = openTerminal(process.stdout);

const job: Job = { days: parseDays(readDataset()), pathPairs: settings.pathPairs };
mkdirSync(settings.outFolder, { recursive: true });
terminal.say(
  `${whole(job.days.length)} S&P 500 days, ${whole(2 * job.pathPairs)} Monte Carlo paths for each day that moves\n`,
);

const runAlone = () =>
  measure('single thread', (onProgress) => runOnOneThread(job, settings.singleThreadFile, onProgress));
const { journalFolder, allCoresFile, threads } = settings;
// With a journal first what can be killed and started again.
const early = journalFolder === undefined ? await runAlone() : undefined;
const all = await measure('all cores', (onProgress) =>
  interruptible((signal) =>
    journalFolder === undefined
      ? runOnAllCores(job, allCoresFile, threads, signal, onProgress)
      : runJournaled(job, allCoresFile, journalFolder, threads, signal, onProgress),
  ),
);
const single = early ?? (await runAlone());

const chart = await readChartData(all.file, job.days, CHART_YEAR);
await drawChart(
  chart,
  settings.chartFile,
  `Merton jump diffusion, ${whole(2 * job.pathPairs)} Monte Carlo paths · index at ${whole(chart.spot)} points (dashed) · ${chart.surface.length} quotes`,
);

terminal.say(`\n${reportTable(single, all)}`);
if (journalFolder !== undefined) terminal.say(`Journal: ${pathOf(journalFolder)}`);
else
  terminal.say(
    `Latency of a day: from entering the ring (which holds days in reserve) until its last quote is written.`,
  );
terminal.say(`Quotes: ${pathOf(all.file)}`);
terminal.say(`Chart:  ${pathOf(settings.chartFile)}`);

const [singleDigest, allDigest] = [single, all].map(({ file }) => digest(file));
const same = singleDigest === allDigest;
terminal.say(
  same
    ? pc.green(`Both outputs are the same, byte for byte (sha256 ${allDigest.slice(0, 16)}…)`)
    : pc.red(`The outputs differ: sha256 ${singleDigest.slice(0, 16)}… and ${allDigest.slice(0, 16)}…`),
);
process.exitCode = same ? 0 : 1;

/** Runs with progress on the terminal, and notes the peak of the memory. */
async function measure(
  title: string,
  start: (onProgress: (progress: Progress) => void) => Run | Promise<Run>,
): Promise<MeasuredRun> {
  let peakRssBytes = 0;
  terminal.begin(title, job.days.length);
  try {
    const run = await start((progress) => {
      peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
      terminal.update(progress);
    });
    terminal.update({ events: run.events, items: run.items });
    return { ...run, peakRssBytes };
  } finally {
    terminal.end();
  }
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function pathOf(file: string): string {
  return relative(settings.calledIn, file);
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}
