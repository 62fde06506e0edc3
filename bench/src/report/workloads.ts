/** Tables of W1, W2, W3 and what a flow must not cost. */
import { standingOf } from '../harness/standing.ts';
import { PHASES } from '../harness/statistics.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { W2_RATES } from '../workloads/w2.ts';
import { bestNodeRival, w1Speed } from './lookups.ts';
import { cpuRatio, figure, grid, ratio, table, unique } from './markdown.ts';
import type { Results } from './results.ts';

const PHASE_TITLES = { first: 'round 1', early: 'rounds 2–4', steady: 'from round 8' } as const;

/** What a program may be made of, in words, by contender of W1 in form A. */
const CHOICES: Readonly<Record<string, string>> = {
  'millrace-claim': 'Millrace, `claim` and segments',
  millrace: 'Millrace, `emit` and `at`',
  'message-port': '`worker_threads` by hand, transferred arrays',
  ringbuf: 'ringbuf.js lanes by hand',
  'piscina-batches': 'piscina, a task for 1,024 events',
  'piscina-per-event': 'piscina, a task for each event',
  'async-generator': 'an async generator on one thread',
};

/** What to expect, for whoever chooses: speed, and how much of the processor it takes. */
export function w1Choices(results: Results): string {
  const header = SETTINGS.flatMap(({ K }) => [`K = ${K}`, 'processor time']);
  const rows = Object.entries(CHOICES).map(([name, words]) => {
    const label = (K: number): string => `w1/A/K=${K}/${name}`;
    const cells = SETTINGS.flatMap(({ K }) => [
      ratio(results.find(`${label(K)}/steady`)),
      cpuRatio(results.find(`${label(K)}/cpu`)),
    ]);
    return [words, ...cells];
  });
  const measured = rows.filter((cells) => cells.slice(1).some((cell) => cell !== ''));
  return measured.length === 0 ? '' : table(['times the plain loop', ...header], measured);
}

/** The same in a sentence for each setting: against the fastest thing that Node has beside. */
export function w1Verdicts(results: Results): string {
  return SETTINGS.flatMap(({ K }) => {
    const rival = bestNodeRival(results, K);
    const ours = Object.keys(CHOICES)
      .filter((name) => standingOf(name) === 'ours')
      .flatMap((name) => {
        const speed = w1Speed(results, K, name);
        return speed === undefined || !rival ? [] : [`\`${name}\` ${(speed / rival.speed).toFixed(2)}`];
      });
    return ours.length === 0 || !rival
      ? []
      : [`- K = ${K}: times the speed of \`${rival.name}\`, the fastest other: ${ours.join(', ')}.`];
  }).join('\n');
}

export function w1(results: Results): string {
  return (['A', 'B'] as const)
    .flatMap((form) =>
      SETTINGS.map(({ K }) => {
        const prefix = `w1/${form}/K=${K}`;
        const names = unique(results.under('w1', form, `K=${K}`).map(({ rest }) => rest[0]));
        const bounds = names.filter((name) => standingOf(name) === 'bound');
        // The bounds stand apart, below what a program can use.
        const rows = [...names.filter((name) => !bounds.includes(name)), ...bounds].map((name) => [
          bounds.includes(name) ? `*${name}*` : name,
          ...PHASES.map((phase) => ratio(results.find(`${prefix}/${name}/${phase}`))),
          cpuRatio(results.find(`${prefix}/${name}/cpu`)),
          figure(results.find(`${prefix}/${name}/steady`)),
          figure(results.find(`${prefix}/${name}/peak-rss`)),
        ]);
        const phases = PHASES.map((phase) => PHASE_TITLES[phase]);
        const header = ['', ...phases, 'processor time', 'ns an event, from round 8', 'peak MiB'];
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

/** What a slow writer gets. */
export function writers(results: Results): string {
  const rows = results.under('writers').map(({ rest, one }) => [rest.join(', '), figure(one), one.unit]);
  return rows.length === 0 ? '' : table(['writer, figure', '', 'unit'], rows);
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
  return table(['flow, threads', 'collections in the run', 'bytes an event'], rows);
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
