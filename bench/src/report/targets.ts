import { number } from '../harness/table.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { table } from './markdown.ts';
import type { Results } from './results.ts';

/** What was to be reached. Exactly one of `least` and `most` is set. */
export interface Target {
  readonly id: string;
  readonly text: string;
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
  /** Undefined while what it needs is not measured. */
  value(results: Results): number | undefined;
}

export interface Verdict {
  readonly target: Target;
  readonly value: number | undefined;
  readonly met: boolean | undefined;
}

const ratioOf = (results: Results, name: string): number | undefined => results.find(name)?.ratioToLoop;
const medianOf = (results: Results, name: string): number | undefined => results.find(name)?.median;

function quotient(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function best(values: readonly (number | undefined)[], pick: (...values: number[]) => number): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : pick(...known);
}

const isOurs = (name: string): boolean => name.startsWith('millrace');
const isJava = (name: string): boolean => name.startsWith('disruptor');

/** Steady speed of the fastest rival. */
function bestRival(results: Results, K: number, counts: (name: string) => boolean): number | undefined {
  const rivals = results
    .under('w1', 'A', `K=${K}`)
    .filter(({ rest }) => rest[1] === 'steady' && rest[0] !== 'plain-loop' && !isOurs(rest[0]) && counts(rest[0]));
  return best(
    rivals.map(({ one }) => one.ratioToLoop),
    Math.max,
  );
}

const LANES = ['lane-spin', 'lane-adaptive', 'lane-park'];
const LANE_BATCHES = ['lane-batch-spin', 'lane-batch-park'];
const fastestLane = (results: Results, shapes: readonly string[], lanes: readonly string[]): number | undefined =>
  best(
    shapes.flatMap((shape) => lanes.map((lane) => medianOf(results, `lanes/${shape}/${lane}`))),
    Math.max,
  );

function bestRivalLatency(results: Results, percentile: string): number | undefined {
  const rivals = results
    .under('w2', '50000')
    .filter(({ rest }) => rest[1] === percentile && !isOurs(rest[0]))
    .map(({ one }) => one.median);
  return best(rivals, Math.min);
}

const W1_SPEEDS: readonly (readonly [number, number])[] = [
  [20_000, 1.95],
  [500, 1.92],
  [0, 1],
];

export const TARGETS: readonly Target[] = [
  ...W1_SPEEDS.map(
    ([K, least]): Target => ({
      id: `w1-steady-${K}`,
      text: `W1 form A, K = ${K}, steady, 2 processors`,
      least,
      unit: 'times the loop',
      value: (results) => ratioOf(results, `w1/A/K=${K}/millrace/steady`),
    }),
  ),
  {
    id: 'w1-form-b',
    text: 'W1 form B, K = 0, steady',
    least: 0.7,
    unit: 'times the loop',
    value: (results) => ratioOf(results, 'w1/B/K=0/millrace/steady'),
  },
  {
    id: 'w1-early',
    text: 'W1 form A, K = 0, rounds 2 to 4',
    least: 0.75,
    unit: 'times the loop',
    value: (results) => ratioOf(results, 'w1/A/K=0/millrace/early'),
  },
  ...SETTINGS.map(
    ({ K }): Target => ({
      id: `w1-warmed-${K}`,
      text: `W1 form A, K = ${K}: the first round after a warm-up, against the steady state`,
      most: 1.3,
      unit: 'times as long',
      value: (results) =>
        quotient(
          medianOf(results, `w1/A/K=${K}/millrace-warmed/first`),
          medianOf(results, `w1/A/K=${K}/millrace/steady`),
        ),
    }),
  ),
  ...SETTINGS.map(
    ({ K }): Target => ({
      id: `w1-rivals-${K}`,
      text: `W1 form A, K = ${K}: against the fastest rival`,
      least: 1,
      unit: 'times as fast',
      value: (results) =>
        quotient(
          ratioOf(results, `w1/A/K=${K}/millrace/steady`),
          bestRival(results, K, () => true),
        ),
    }),
  ),
  {
    id: 'w1-node-rivals',
    text: 'W1 form A, K = 0: against the fastest rival in Node',
    least: 1.5,
    unit: 'times as fast',
    value: (results) =>
      quotient(
        ratioOf(results, 'w1/A/K=0/millrace/steady'),
        bestRival(results, 0, (name) => !isJava(name)),
      ),
  },
  {
    id: 'w1-memory',
    text: 'W1 form A: peak resident memory, all settings',
    most: 85,
    unit: 'MiB',
    value: (results) =>
      best(
        SETTINGS.map(({ K }) => medianOf(results, `w1/A/K=${K}/millrace/peak-rss`)),
        Math.max,
      ),
  },
  {
    id: 'lane-batched',
    text: 'Lane, 16 bytes in batches, against the Disruptor that claims ten at a time',
    least: 1,
    unit: 'times as fast',
    value: (results) =>
      quotient(
        fastestLane(results, ['16B/every-64', '16B/every-512'], LANE_BATCHES),
        best(
          ['disruptor-busy-spin', 'disruptor-yielding'].map((name) => medianOf(results, `lanes/8B/every-10/${name}`)),
          Math.max,
        ),
      ),
  },
  {
    id: 'lane-single-ringbuf',
    text: 'Lane, 16 bytes published one by one, against ringbuf.js',
    least: 3,
    unit: 'times as fast',
    value: (results) =>
      quotient(fastestLane(results, ['16B/every-1'], LANES), medianOf(results, 'lanes/16B/every-1/ringbuf')),
  },
  {
    id: 'lane-single',
    text: 'Lane, 16 bytes published one by one (order of magnitude of the Agrona ring)',
    least: 10,
    unit: 'million a second',
    value: (results) => fastestLane(results, ['16B/every-1'], LANES),
  },
  ...(
    [
      ['p50', 30],
      ['p99', 200],
    ] as const
  ).map(
    ([percentile, most]): Target => ({
      id: `w2-${percentile}`,
      text: `W2 at 50,000 a second, ${percentile} (needs a core for each busy thread)`,
      most,
      unit: 'µs',
      value: (results) => medianOf(results, `w2/50000/millrace/${percentile}`),
    }),
  ),
  ...(['p50', 'p99', 'p99.9'] as const).map(
    (percentile): Target => ({
      id: `w2-rivals-${percentile}`,
      text: `W2 at 50,000 a second, ${percentile}: the best rival's latency against ours`,
      least: 1,
      unit: 'times as long',
      value: (results) =>
        quotient(bestRivalLatency(results, percentile), medianOf(results, `w2/50000/millrace/${percentile}`)),
    }),
  ),
  {
    id: 'idle',
    text: 'Processor time of an idle flow',
    most: 0.05,
    unit: '% of a core',
    value: (results) => medianOf(results, 'w2/idle/millrace/cpu'),
  },
  {
    id: 'garbage',
    text: 'Collections in 10 million events of a struct flow, all threads',
    most: 0,
    unit: 'collections',
    value: (results) =>
      best(
        ['ring', 'module'].map((kind) => medianOf(results, `garbage/${kind}/process/collections`)),
        Math.max,
      ),
  },
  {
    id: 'w3-memory',
    text: 'W3: peak memory with the huge events against without',
    most: 1.1,
    unit: 'times',
    value: (results) =>
      quotient(medianOf(results, 'w3/huge/millrace/peak-rss'), medianOf(results, 'w3/flat/millrace/peak-rss')),
  },
  {
    id: 'atomics',
    text: 'Atomic operations an item in W1, K = 0',
    most: 0.05,
    unit: 'an item',
    value: (results) => medianOf(results, 'atomics/K=0/atomics/per-item'),
  },
  {
    id: 'wakes',
    text: 'Wake-ups an item in W1, K = 0',
    most: 0.01,
    unit: 'an item',
    value: (results) => medianOf(results, 'atomics/K=0/wakes/per-item'),
  },
  ...(
    [
      ['always', 'A flow into a journal, durability `always`', 100_000],
      ['batch-20ms', 'A flow into a journal, durability `batch`, each flush 20 ms slower', 300_000],
    ] as const
  ).map(
    ([name, text, least]): Target => ({
      id: `journal-${name}`,
      text,
      least,
      unit: 'sequences a second',
      value: (results) => medianOf(results, `journal/flow/${name}`),
    }),
  ),
];

export function verdicts(results: Results): Verdict[] {
  return TARGETS.map((target) => {
    const value = target.value(results);
    const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = target;
    return { target, value, met: value === undefined ? undefined : value >= least && value <= most };
  });
}

const wantedText = ({ least, most, unit }: Target): string =>
  least === undefined ? `≤ ${most} ${unit}` : `≥ ${least} ${unit}`;

/** With one figure more where it would read like the bound that it misses. */
const precise = (value: number, { least, most }: Target): string =>
  Number(number(value)) === (least ?? most) && value !== (least ?? most) ? value.toPrecision(4) : number(value);

const besides = (value: number | undefined): string => (value === undefined ? '' : number(value));

export const targets = (results: Results): string =>
  table(
    ['target', 'wanted', 'measured', '', ...results.others.map(({ node }) => `Node ${node.replaceAll('v', '')}`)],
    verdicts(results).map(({ target, value, met }) => [
      target.text,
      wantedText(target),
      value === undefined ? 'not measured' : precise(value, target),
      met === undefined ? '' : met ? 'met' : '**missed**',
      ...results.others.map((other) => besides(target.value(other))),
    ]),
  );

/** What is missed, each with the note that says what bounds it. */
export function shortfall(results: Results, notes: ReadonlyMap<string, string>): string {
  const missed = verdicts(results).filter(({ met }) => met === false);
  if (missed.length === 0) {
    return verdicts(results).some(({ met }) => met !== undefined) ? 'Every target that was measured is met.' : '';
  }
  return missed
    .map(({ target, value }) => {
      const note = notes.get(target.id) ?? 'Nothing is known yet about what bounds this.';
      return `**${target.text}**: ${precise(value!, target)} in place of ${wantedText(target)}. ${note}`;
    })
    .join('\n\n');
}
