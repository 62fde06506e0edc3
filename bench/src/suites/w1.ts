import { type Case, casesOf } from '../harness/cases.ts';
import type { Bar } from '../harness/chart.ts';
import { compare, type Entry } from '../harness/compare.ts';
import { standingOf } from '../harness/standing.ts';
import { PHASES, type Spread } from '../harness/statistics.ts';
import { javaUnavailable } from '../rivals/java.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const FORM_A_REGISTRY = new URL('../rivals/index.js', import.meta.url);
const FORM_B_REGISTRY = new URL('../millrace/form-b-registry.js', import.meta.url);

/** Ten steady rounds and more. */
const ROUNDS = 18;
const QUICK_ROUNDS = 2;
/** A quick run does this part of the events: its answer is compared with the plain loop's, which is checked against the table. */
const QUICK_SHARE = 0.02;

/** A task for each event costs about 10 µs of the pool's own: where the work is smaller, a part of the events says enough. */
const PER_EVENT_SHARE = new Map([
  [0, 0.05],
  [500, 0.25],
]);

/** Form B: the events through a source ring, the items through a destination ring; `apart`: both ends on threads of their own. */
const FORM_B: readonly Entry[] = [{ name: 'millrace' }, { name: 'millrace-flyweight' }, { name: 'millrace-apart' }];

/** The contenders of form A: bare sequences in, a writer that folds; and the bounds that they are held against. */
function entriesOf(K: number): Entry[] {
  return [
    { name: 'millrace' },
    { name: 'millrace-claim' },
    { name: 'millrace-warmed' },
    { name: 'millrace-nice' },
    { name: 'bound-bulk' },
    { name: 'bound-emit' },
    { name: 'message-port' },
    { name: 'ringbuf' },
    { name: 'piscina-batches' },
    { name: 'piscina-per-event', share: PER_EVENT_SHARE.get(K) },
    { name: 'comlink-batches' },
    { name: 'workerpool-batches' },
    { name: 'disruptor-blocking' },
    { name: 'disruptor-yielding' },
    { name: 'async-generator' },
  ];
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const missing = javaUnavailable();
  if (missing) options.log(`w1: the Disruptor is skipped: ${missing}`);
  const cases: Case[] = [];
  const runs = [];
  for (const { N, K } of SETTINGS) {
    for (const [form, registry, all] of [
      ['A', FORM_A_REGISTRY, entriesOf(K)],
      ['B', FORM_B_REGISTRY, FORM_B],
    ] as const) {
      const label = `w1/${form}/K=${K}`;
      const entries = all.filter(
        ({ name }) =>
          wanted(options, name) &&
          !(missing && name.startsWith('disruptor')) &&
          // A quick run has everybody answer at one setting, and Millrace at all of them.
          (!options.quick || K === SETTINGS[0].K || name === 'millrace' || name === 'millrace-claim'),
      );
      if (entries.length === 0) continue;
      options.log(`${label}: ${entries.map((entry) => entry.name).join(', ')}`);
      const records = await compare({
        label,
        registry,
        entries,
        setting: { work: { kind: 'w1', K }, events: options.quick ? Math.ceil(N * QUICK_SHARE) : N },
        threads: options.threads,
        rounds: options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS),
      });
      cases.push(...casesOf(label, records));
      runs.push(...records.map((record) => ({ label, ...record })));
    }
  }
  return {
    cases,
    runs,
    charts: [
      {
        name: 'w1-ratio',
        title: 'W1: speed against the warm plain loop, 1 = as fast',
        axis: 'times the plain loop',
        scale: 'linear',
        bars: barsOf(cases, PHASES, speedOf),
      },
      {
        name: 'w1-cpu',
        title: "W1: processor time of all threads against the warm plain loop's",
        axis: "times the plain loop's",
        scale: 'linear',
        bars: barsOf(cases, ['cpu'], costOf),
      },
    ],
  };
}

type RatioCase = Case & { readonly ratioToLoop: number };

/** A shorter time is a higher speed. */
const speedOf = ({ ratioToLoop, median, min, max }: RatioCase): Spread => ({
  median: ratioToLoop,
  min: (ratioToLoop * median) / max,
  max: (ratioToLoop * median) / min,
});

const costOf = ({ ratioToLoop, median, min, max }: RatioCase): Spread => ({
  median: ratioToLoop,
  min: (ratioToLoop * min) / median,
  max: (ratioToLoop * max) / median,
});

/** A bar for each contender: of the last of these figures that it has. */
function barsOf(cases: readonly Case[], figures: readonly string[], ratios: (one: RatioCase) => Spread): Bar[] {
  const latest = new Map<string, Bar>();
  for (const one of cases) {
    const [, form, K, name, figure] = one.name.split('/');
    if (one.ratioToLoop === undefined || !figures.includes(figure)) continue;
    const group = `${K}, form ${form}`;
    const ratio = ratios({ ...one, ratioToLoop: one.ratioToLoop });
    latest.set(`${group}/${name}`, { group, name, standing: standingOf(name), ...ratio });
  }
  return [...latest.values()];
}

export const w1: Suite = {
  name: 'w1',
  title: 'ordered variable output against the warm plain loop',
  contenders: () => [...entriesOf(SETTINGS[0].K), ...FORM_B].map(({ name }) => name),
  run,
};
