/** Tables of W1, W2, W3 and what a flow must not cost. */
import { PHASES } from '../harness/statistics.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { W2_RATES } from '../workloads/w2.ts';
import { figure, grid, ratio, table, unique } from './markdown.ts';
import type { Results } from './results.ts';

const PHASE_TITLES = { first: 'round 1', early: 'rounds 2–4', steady: 'from round 8' } as const;

export function w1(results: Results): string {
  return (['A', 'B'] as const)
    .flatMap((form) =>
      SETTINGS.map(({ K }) => {
        const prefix = `w1/${form}/K=${K}`;
        const names = unique(results.under('w1', form, `K=${K}`).map(({ rest }) => rest[0]));
        const rows = names.map((name) => [
          name,
          ...PHASES.map((phase) => ratio(results.find(`${prefix}/${name}/${phase}`))),
          figure(results.find(`${prefix}/${name}/steady`)),
          figure(results.find(`${prefix}/${name}/peak-rss`)),
        ]);
        const header = ['', ...PHASES.map((phase) => PHASE_TITLES[phase]), 'ns an event, from round 8', 'peak MiB'];
        return names.length === 0 ? '' : `**Form ${form}, K = ${K}**\n\n${table(header, rows)}`;
      }),
    )
    .filter((text) => text !== '')
    .join('\n\n');
}

export function w2(results: Results): string {
  const columns = ['p50', 'p99', 'p99.9', 'max', 'completed', 'cpu'];
  const rates = W2_RATES.map((rate) => {
    const names = unique(results.under('w2', String(rate)).map(({ rest }) => rest[0]));
    const cells = grid('µs; % of events; % of a core', names, columns, (name, column) =>
      figure(results.find(`w2/${rate}/${name}/${column}`)),
    );
    return `**${rate.toLocaleString('en-US')} events a second**\n\n${cells}`;
  });
  const idle = results.under('w2', 'idle').map(({ rest, one }) => [rest[0], figure(one)]);
  return [...rates, `**Idle**\n\n${table(['', '% of a core'], idle)}`].join('\n\n');
}

export function w3(results: Results): string {
  const names = unique(results.under('w3', 'huge').map(({ rest }) => rest[0]));
  const last = (name: string) => results.find(`w3/huge/${name}/early`) ?? results.find(`w3/huge/${name}/first`);
  const rows = names.map((name) => [
    name,
    ratio(last(name)),
    figure(results.find(`w3/huge/${name}/peak-rss`)),
    figure(results.find(`w3/flat/${name}/peak-rss`)),
  ]);
  return table(['', 'times the plain loop', 'peak MiB', 'peak MiB without the huge events'], rows);
}

export function limits(results: Results): string {
  const rows = results.under('limits').map(({ rest, one }) => [rest.join(' '), figure(one), one.unit]);
  return table(['', 'figure', 'unit'], rows);
}

export function garbage(results: Results): string {
  const rows = unique(results.under('garbage').map(({ rest }) => rest.slice(0, 2).join('/'))).map((name) => [
    name.replace('/', ', '),
    figure(results.find(`garbage/${name}/collections`)),
    figure(results.find(`garbage/${name}/bytes`)),
  ]);
  return table(['destination, threads', 'collections in the run', 'bytes an event'], rows);
}

export function atomics(results: Results): string {
  const columns = SETTINGS.flatMap(({ K }) => [`K=${K}, an event`, `K=${K}, an item`]);
  const names = unique(results.under('atomics').map(({ rest }) => rest[1]));
  return grid('', names, columns, (name, column) => {
    const [K, per] = column.split(', an ');
    return figure(results.find(`atomics/${K}/${name}/per-${per}`));
  });
}

export function journal(results: Results): string {
  const writers = results.under('journal').filter(({ rest }) => rest[0] !== FLOW);
  const rows = unique(writers.map(({ rest }) => `${rest[0]}/${rest[1]}`));
  return grid('million items a second', rows, ['journal', 'lmdb-puts'], (row, name) =>
    figure(results.find(`journal/${row}/${name}`)),
  );
}

const FLOW = 'flow';

export function journalFlow(results: Results): string {
  const names = unique(results.under('journal', FLOW).map(({ rest }) => rest[0]));
  const rows = names.map((name) => [
    name,
    figure(results.find(`journal/${FLOW}/${name}`)),
    figure(results.find(`journal/${FLOW}/${name}/cpu`)),
  ]);
  return rows.length === 0 ? '' : table(['', 'sequences a second', 'µs of processor time a sequence'], rows);
}
