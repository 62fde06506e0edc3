import pc from 'picocolors';
import type { Case } from './cases.ts';

export const number = (value: number): string => {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
};

/** The cases as a table for a terminal. */
export function tableOf(cases: readonly Case[]): string {
  const rows = cases.map((one) => [
    one.name,
    one.ratioToLoop === undefined ? '' : one.ratioToLoop.toFixed(3),
    number(one.median),
    number(one.min),
    number(one.max),
    one.unit,
  ]);
  const header = ['case', 'ratio to loop', 'median', 'min', 'max', 'unit'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const isText = (column: number): boolean => column === 0 || column === header.length - 1;
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  return [pc.bold(line(header)), ...rows.map(line)].join('\n');
}
