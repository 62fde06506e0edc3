import type { Case } from '../harness/cases.ts';
import type { Spread } from '../harness/statistics.ts';
import { number } from '../harness/table.ts';

/** A figure with its spread: `median [min – max]`; the median alone where all are the same. */
export function figure(spread: Spread | undefined): string {
  if (!spread) return '';
  const { median, min, max } = spread;
  return min === max ? number(median) : `${number(median)} [${number(min)} – ${number(max)}]`;
}

/** Speed against the loop, with the spread that the times give it. */
export function ratio(one: Case | undefined): string {
  if (one?.ratioToLoop === undefined) return '';
  const { ratioToLoop, median, min, max } = one;
  const at = (ns: number): string => ((ratioToLoop * median) / ns).toFixed(2);
  return min === max ? ratioToLoop.toFixed(2) : `${ratioToLoop.toFixed(2)} [${at(max)} – ${at(min)}]`;
}

/** Processor time against the loop's, with the spread that its rounds give it: the longest is the most. */
export function cpuRatio(one: Case | undefined): string {
  if (one?.ratioToLoop === undefined) return '';
  const { ratioToLoop, median, min, max } = one;
  const at = (ns: number): string => ((ratioToLoop * ns) / median).toFixed(2);
  return min === max ? ratioToLoop.toFixed(2) : `${ratioToLoop.toFixed(2)} [${at(min)} – ${at(max)}]`;
}

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const align = header.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(header), line(align), ...rows.map(line)].join('\n');
}

/** A table with a figure for each pair of names; rows without any are left out. */
export function grid(
  corner: string,
  rows: readonly string[],
  columns: readonly string[],
  cell: (row: string, column: string) => string,
): string {
  const filled = rows
    .map((row) => [row, ...columns.map((column) => cell(row, column))])
    .filter((cells) => cells.slice(1).some((one) => one !== ''));
  return table([corner, ...columns], filled);
}

export const unique = (values: readonly string[]): string[] => [...new Set(values)];
