import { casesOf } from '../harness/cases.ts';
import type { Bar } from '../harness/chart.ts';
import { compare, type Entry } from '../harness/compare.ts';
import { standingOf } from '../harness/standing.ts';
import { W3_EVENTS, W3_HUGE_ITEMS } from '../workloads/w3.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../rivals/index.js', import.meta.url);

const ROUNDS = 4;
const QUICK_ROUNDS = 1;
const QUICK_HUGE_ITEMS = 50_000;

const ENTRIES: readonly Entry[] = [
  'millrace',
  'millrace-claim',
  'message-port',
  'ringbuf',
  'piscina-batches',
  'comlink-batches',
  'async-generator',
].map((name) => ({
  name,
}));

/** `huge` is the workload; `flat` is the same flow without its huge events, whose memory it is compared with. */
async function run(options: SuiteOptions): Promise<SuiteResult> {
  const cases = [];
  const runs = [];
  const hugeItems = options.quick ? QUICK_HUGE_ITEMS : W3_HUGE_ITEMS;
  for (const [form, items] of [
    ['huge', hugeItems],
    ['flat', 1],
  ] as const) {
    const label = `w3/${form}`;
    options.log(label);
    const records = await compare({
      label,
      registry: REGISTRY,
      entries: ENTRIES.filter(({ name }) => wanted(options, name)),
      setting: { work: { kind: 'w3', hugeItems: items }, events: W3_EVENTS },
      threads: options.threads,
      rounds: options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS),
    });
    cases.push(...casesOf(label, records));
    runs.push(...records.map((record) => ({ label, ...record })));
  }
  return {
    cases,
    runs,
    charts: [
      {
        name: 'w3-peak-rss',
        title: 'W3: peak memory with and without huge events',
        axis: 'MiB',
        scale: 'linear',
        bars: peakBars(cases),
      },
    ],
  };
}

function peakBars(cases: SuiteResult['cases']): Bar[] {
  return cases
    .filter(({ name }) => name.endsWith('/peak-rss'))
    .map(({ name, ...spread }) => {
      const [, group, contender] = name.split('/');
      return { group, name: contender, standing: standingOf(contender), ...spread };
    });
}

export const w3: Suite = {
  name: 'w3',
  title: 'one huge sequence at the head: time and peak memory',
  contenders: () => ENTRIES.map(({ name }) => name),
  run,
};
