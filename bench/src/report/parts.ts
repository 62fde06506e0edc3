/** Tables of single operations, lanes, trips and topologies. */
import type { Case } from '../harness/cases.ts';
import { SHAPES } from '../topologies/shapes.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { figure, grid, ratio, table, unique } from './markdown.ts';
import type { Results } from './results.ts';

export const operations = (results: Results): string =>
  table(
    ['', 'ns'],
    results.under('operations').map(({ rest, one }) => [rest[0], figure(one)]),
  );

export function lanes(results: Results): string {
  const all = results.under('lanes').map(({ rest }) => rest);
  return unique(all.map(([bytes]) => bytes))
    .map((bytes) => {
      const own = all.filter((rest) => rest[0] === bytes);
      const columns = unique(own.map(([, every]) => every)).toSorted((a, b) => everyOf(a) - everyOf(b));
      const cells = grid('million records a second', unique(own.map((rest) => rest[2])), columns, (name, every) =>
        figure(results.find(`lanes/${bytes}/${every}/${name}`)),
      );
      return `**${bytes.replace('B', ' bytes')}**\n\n${cells}`;
    })
    .join('\n\n');
}

const everyOf = (every: string): number => Number(every.replace('every-', ''));

export const trips = (results: Results): string =>
  grid('µs', unique(results.under('trips').map(({ rest }) => rest[0])), ['p50', 'p99', 'p99.9'], (name, column) =>
    figure(results.find(`trips/${name}/${column}`)),
  );

export const producers = (results: Results): string =>
  grid(
    'million events a second',
    unique(results.under('producers').map(({ rest }) => rest[1])),
    unique(results.under('producers').map(({ rest }) => rest[0])),
    (name, count) => figure(results.find(`producers/${count}/${name}`)),
  );

const contenders = (results: Results): string[] =>
  unique(results.under('topologies').map(({ rest }) => rest[1])).toSorted((a, b) => order(a) - order(b));

/** Each shape over messages, then over lanes; Millrace last. */
const order = (name: string): number => {
  const shapes = Object.keys(SHAPES);
  const shape = shapes.indexOf(name.replace(/-lanes$/, ''));
  if (shape < 0) return Number.POSITIVE_INFINITY;
  return 2 * shape + (name.endsWith('-lanes') ? 1 : 0);
};

export const topologySpeed = (results: Results): string =>
  grid(
    'times the plain loop',
    contenders(results),
    SETTINGS.map(({ K }) => `K=${K}`),
    (name, K) => ratio(results.find(`topologies/${K}/${name}/throughput`)),
  );

export const topologyLatency = (results: Results): string =>
  grid('µs, one event at a time', contenders(results), ['p50', 'p99'], (name, column) =>
    figure(results.find(`topologies/idle/${name}/${column}`)),
  );

export function topologyCosts(results: Results): string {
  const figures = { threads: 'threads', messages: 'hops an item', atomics: 'atomics an item', 'peak-rss': 'peak MiB' };
  const columns = Object.entries(figures).flatMap(([key, title]) =>
    (key === 'threads' ? ['K=0'] : ['K=0', 'K=500']).map((K) => [
      key === 'threads' ? title : `${title}, ${K}`,
      (name: string) => results.find(`topologies/${K}/${name}/${key}`),
    ]),
  ) as [string, (name: string) => Case | undefined][];
  const byTitle = new Map(columns);
  return grid('', contenders(results), [...byTitle.keys()], (name, title) => figure(byTitle.get(title)!(name)));
}

/** The three fastest of each setting, and the three that answer soonest, in words. */
export function topologyWinners(results: Results): string {
  const lines = SETTINGS.map(({ K }) => {
    const speeds = results
      .under('topologies', `K=${K}`)
      .filter(({ rest, one }) => rest[1] === 'throughput' && one.ratioToLoop !== undefined)
      .toSorted((a, b) => b.one.ratioToLoop! - a.one.ratioToLoop!);
    const best = speeds.slice(0, 3).map(({ rest, one }) => `\`${rest[0]}\` (${ratio(one)})`);
    return best.length === 0 ? '' : `- Fastest at K = ${K}: ${best.join(', then ')}.`;
  });
  const latencies = results
    .under('topologies', 'idle')
    .filter(({ rest }) => rest[1] === 'p50')
    .toSorted((a, b) => a.one.median - b.one.median)
    .slice(0, 3)
    .map(({ rest, one }) => `\`${rest[0]}\` (${figure(one)} µs)`);
  if (latencies.length > 0) lines.push(`- Soonest with one event at a time: ${latencies.join(', then ')}.`);
  return lines.filter((line) => line !== '').join('\n');
}
