import pc from 'picocolors';
import type { Run } from './job.ts';

/** A run, and the most memory that the process held during it. */
export interface MeasuredRun extends Run {
  readonly peakRssBytes: number;
}

/** The two runs side by side, as lines of text. */
export function reportTable(single: MeasuredRun, all: MeasuredRun): string {
  const rows = [
    ['', single.title, all.title],
    row('seconds', (run) => run.seconds.toFixed(2)),
    row('speed-up', (run) => `${(single.seconds / run.seconds).toFixed(2)}×`),
    row('events/s', (run) => whole(run.events / run.seconds)),
    row('items/s', (run) => whole(run.items / run.seconds)),
    row('items', (run) => whole(run.items)),
    row('latency p50', (run) => latency(run, 50)),
    row('latency p99', (run) => latency(run, 99)),
    row('latency max', (run) => latency(run, 100)),
    row('peak memory (RSS)', (run) => `${Math.round(run.peakRssBytes / 2 ** 20)} MiB`),
  ];
  return formatTable(rows);

  function row(label: string, cell: (run: MeasuredRun) => string): string[] {
    return [label, cell(single), cell(all)];
  }
}

function formatTable(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const lines = rows.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 3))).join(''),
  );
  const ruler = '─'.repeat(lines[0].length);
  return [pc.bold(lines[0]), ruler, ...lines.slice(1), ruler].join('\n');
}

function latency(run: Run, percentile: number): string {
  if (run.latencies === undefined) return '–';
  return `${(run.latencies.histogram().getValueAtPercentile(percentile) / 1000).toFixed(1)} ms`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}
