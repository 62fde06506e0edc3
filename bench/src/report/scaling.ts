/** Tables of scaling: measured, modelled, and where the model says that one thread is the limit. */
import { number } from '../harness/table.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { figure, grid, ratio, table, unique } from './markdown.ts';
import type { Results } from './results.ts';

const settings = SETTINGS.map(({ K }) => `K=${K}`);

const numberIn = (text: string): number => Number(/([\d.]+)(?:us)?$/.exec(text)?.[1] ?? 0);
const byNumber = (names: readonly string[]): string[] => unique(names).toSorted((a, b) => numberIn(a) - numberIn(b));

const processorNames = (results: Results): string[] =>
  byNumber(
    results
      .under('scaling', settings[0])
      .map(({ rest }) => rest[0])
      .filter((name) => name.startsWith('processors-')),
  );

export const measured = (results: Results): string =>
  grid(
    'times the plain loop; of a core',
    processorNames(results),
    settings.flatMap((K) => [K, `${K}, efficiency`]),
    (name, column) => {
      const [K, efficiency] = column.split(', ');
      if (efficiency) return figure(results.find(`scaling/${K}/${name}/efficiency`));
      return ratio(results.find(`scaling/${K}/${name}/steady`) ?? results.find(`scaling/${K}/${name}/early`));
    },
  );

export const costs = (results: Results): string =>
  table(
    ['', 'ns'],
    results.under('scaling', 'cost').map(({ rest, one }) => [rest[0], figure(one)]),
  );

/** Model against measurement, and by how much they differ. */
export const checked = (results: Results): string =>
  grid(
    'modelled; difference',
    processorNames(results),
    settings.flatMap((K) => [K, `${K}, off by`]),
    (name, column) => {
      const [K, off] = column.split(', ');
      const model = results.find(`scaling/model/${K}/${name}/speed`);
      const real = results.find(`scaling/${K}/${name}/steady`) ?? results.find(`scaling/${K}/${name}/early`);
      if (!off) return ratio(model);
      if (model?.ratioToLoop === undefined || real?.ratioToLoop === undefined) return '';
      return `${number(100 * (model.ratioToLoop / real.ratioToLoop - 1))} %`;
    },
  );

const coreNames = (results: Results): string[] =>
  byNumber(results.under('scaling', 'predicted', settings[0]).map(({ rest }) => rest[0]));

export const predicted = (results: Results): string =>
  grid(
    'times the plain loop',
    coreNames(results),
    settings.flatMap((K) => [K, `${K}, writer busy`, `${K}, coordinator busy`]),
    (name, column) => {
      const [K, thread] = column.split(', ');
      const label = `scaling/predicted/${K}/${name}`;
      if (!thread) return ratio(results.find(`${label}/speed`));
      const busy = results.find(`${label}/${thread.replace(' ', '-')}`);
      return busy ? `${number(busy.median)} %` : '';
    },
  );

/** Cores of work that get done, for each cost of an event and number of cores, with what is the limit. */
export function limits(results: Results): string {
  return (['w1', 'one-item'] as const)
    .map((output) => {
      const all = results.under('scaling', 'limit', output);
      const costs = byNumber(all.map(({ rest }) => rest[0].replace(/us$/, ''))).map((cost) => `${cost}us`);
      const cores = byNumber(all.map(({ rest }) => rest[1]));
      const cells = grid('an event costs', costs, cores, (cost, on) => {
        const found = all.find(({ rest }) => rest[0] === cost && rest[1] === on);
        if (!found) return '';
        const bound = found.rest[2];
        return `${number(found.one.median)}${bound === 'processors' ? '' : ` (${bound})`}`;
      });
      const title = output === 'w1' ? 'With the output of W1' : 'With one item an event';
      return all.length === 0 ? '' : `**${title}**\n\n${cells.replaceAll(/(\d)us \|/g, '$1 µs |')}`;
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

/** The same in a sentence for each: from where on which thread is the limit. */
export function saturation(results: Results): string {
  const lines = (['writer', 'coordinator'] as const).map((thread) => {
    const bound = results.under('scaling', 'limit').filter(({ rest }) => rest[3] === thread);
    if (bound.length === 0)
      return `- The ${thread} is never the limit, from 4 to 128 cores, at any cost of an event that was modelled.`;
    const points = byNumber(bound.map(({ rest }) => rest[2])).map((cores) => {
      const costs = bound.filter(({ rest }) => rest[2] === cores);
      const most = (output: string): number =>
        Math.max(0, ...costs.filter(({ rest }) => rest[0] === output).map(({ rest }) => numberIn(rest[1])));
      const says = [`${most('w1')} µs with W1's output`, `${most('one-item')} µs with one item each`];
      return `${cores.replace('cores-', '')} cores: ${says.filter((text) => !text.startsWith('0 ')).join(', ')}`;
    });
    return `- The ${thread} is the limit for events that cost no more than: ${points.join('; ')}.`;
  });
  return results.under('scaling', 'limit').length === 0 ? '' : lines.join('\n');
}
