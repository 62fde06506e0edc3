/** What was to be reached. */
import { standingOf } from '../harness/standing.ts';
import type { Phase } from '../harness/statistics.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { best, bestNodeRival, halfSpread, medianOf, quotient, ratioOf, sum, w1Cpu, w1Speed } from './lookups.ts';
import type { Results } from './results.ts';

/** A number, or one that depends on what was measured beside. */
export type Wanted = number | ((results: Results) => number);

/** Exactly one of `least` and `most` is set. */
export interface Target {
  readonly id: string;
  readonly text: string;
  readonly least?: Wanted;
  readonly most?: Wanted;
  readonly unit: string;
  /** Undefined while what it needs is not measured. */
  value(results: Results): number | undefined;
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
    .filter(({ rest }) => rest[1] === percentile && standingOf(rest[0]) === 'rival')
    .map(({ one }) => one.median);
  return best(rivals, Math.min);
}

const W1_SPEEDS: readonly (readonly [K: number, least: number])[] = [
  [20_000, 1.95],
  [500, 1.92],
  [0, 1],
];

/** The part of the bound's speed that is enough where the bound itself is slow. */
const OF_THE_BOUND = 0.95;

/** A speed at K = 0, or less of it where the bound of the run does not reach it. */
const orTheBounds =
  (speed: number, phase: Phase): Wanted =>
  (results) =>
    Math.min(speed, OF_THE_BOUND * (w1Speed(results, 0, 'bound-bulk', phase) ?? Number.POSITIVE_INFINITY));

/** 1.3 times the best Node rival, where the bound allows it. */
const RIVALS_0 = 1.3;

const W1_BOUNDED: readonly Target[] = [
  {
    id: 'w1-claim-bound',
    text: 'W1 form A, K = 0, `claim` and segments, steady: against the bound',
    least: OF_THE_BOUND,
    unit: 'times as fast',
    value: (results) => quotient(w1Speed(results, 0, 'millrace-claim'), w1Speed(results, 0, 'bound-bulk')),
  },
  {
    id: 'w1-claim-rivals',
    text: 'W1 form A, K = 0, `claim` and segments, steady: against the fastest rival in Node',
    least: (results) => {
      const bound = quotient(w1Speed(results, 0, 'bound-bulk'), bestNodeRival(results, 0)?.speed);
      return Math.min(RIVALS_0, bound ?? RIVALS_0);
    },
    unit: 'times as fast',
    value: (results) => quotient(w1Speed(results, 0, 'millrace-claim'), bestNodeRival(results, 0)?.speed),
  },
  {
    id: 'w1-claim-cpu',
    text: "W1 form A, K = 0, `claim` and segments: processor time of all threads, against the bound's",
    most: 1.15,
    unit: 'times',
    value: (results) => quotient(w1Cpu(results, 0, 'millrace-claim'), w1Cpu(results, 0, 'bound-bulk')),
  },
  {
    id: 'w1-claim-early',
    text: 'W1 form A, K = 0, `claim` and segments, rounds 2 to 4',
    least: orTheBounds(0.8, 'early'),
    unit: 'times the loop',
    value: (results) => w1Speed(results, 0, 'millrace-claim', 'early'),
  },
  {
    id: 'w1-claim-first',
    text: 'W1 form A, K = 0, `claim` and segments, round 1',
    least: 0.4,
    unit: 'times the loop',
    value: (results) => w1Speed(results, 0, 'millrace-claim', 'first'),
  },
  {
    id: 'w1-emit-bound',
    text: 'W1 form A, K = 0, `emit` and `at`, steady: against the bound that emits',
    least: 0.9,
    unit: 'times as fast',
    value: (results) => quotient(w1Speed(results, 0, 'millrace'), w1Speed(results, 0, 'bound-emit')),
  },
  ...[500, 20_000].map(
    (K): Target => ({
      id: `w1-rivals-${K}`,
      text: `W1 form A, K = ${K}, steady: against the fastest rival in Node, less the spread of our rounds`,
      least: (results) => 1 - (halfSpread(results, `w1/A/K=${K}/millrace/steady`) ?? 0),
      unit: 'times as fast',
      value: (results) => quotient(w1Speed(results, K, 'millrace'), bestNodeRival(results, K)?.speed),
    }),
  ),
];

const W1_OTHERS: readonly Target[] = [
  ...W1_SPEEDS.map(
    ([K, least]): Target => ({
      id: `w1-steady-${K}`,
      text: `W1 form A, K = ${K}, steady, 2 processors`,
      least,
      unit: 'times the loop',
      value: (results) => w1Speed(results, K, 'millrace'),
    }),
  ),
  {
    id: 'w1-form-b-flyweight',
    text: 'W1 form B, K = 0, flyweights, steady',
    least: 0.4,
    unit: 'times the loop',
    value: (results) => ratioOf(results, 'w1/B/K=0/millrace-flyweight/steady'),
  },
  {
    id: 'w1-form-b',
    text: 'W1 form B, K = 0, objects, steady',
    least: 0.25,
    unit: 'times the loop',
    value: (results) => ratioOf(results, 'w1/B/K=0/millrace/steady'),
  },
  ...SETTINGS.map(
    ({ K }): Target => ({
      id: `w1-warmed-${K}`,
      text: `W1 form A, K = ${K}: the first round after a warm-up, against the steady state`,
      most: K === 0 ? 1.5 : 1.2,
      unit: 'times as long',
      value: (results) =>
        quotient(
          medianOf(results, `w1/A/K=${K}/millrace-warmed/first`),
          medianOf(results, `w1/A/K=${K}/millrace/steady`),
        ),
    }),
  ),
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
];

const WRITERS: readonly Target[] = [
  {
    id: 'writer-items',
    text: 'Items that a writer call of 5 ms gets under backlog, one item an event',
    least: 500,
    unit: 'items',
    value: (results) =>
      best(
        ['sequences', 'ring'].map((source) => medianOf(results, `writers/busy-5ms/${source}/items-a-call`)),
        Math.min,
      ),
  },
  {
    id: 'writer-in-flight',
    text: 'A writer that awaits 1 ms a batch: speed with 8 batches in flight, against 1',
    least: 6,
    unit: 'times',
    value: (results) => medianOf(results, 'writers/awaits-1ms/in-flight-8/against-1'),
  },
];

const BETWEEN_TWO_THREADS: readonly Target[] = [
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
  ...[1, 2, 4].map(
    (producers): Target => ({
      id: `producers-${producers}`,
      text: `Events a second from ${producers} producer thread${producers === 1 ? '' : 's'} into one ring, against a MessagePort each`,
      least: 5,
      unit: 'times as many',
      value: (results) =>
        quotient(
          medianOf(results, `producers/${producers}/event-ring-shared`),
          medianOf(results, `producers/${producers}/message-port`),
        ),
    }),
  ),
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
];

const LATENCIES: readonly Target[] = [
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
];

/** Node 20 allocates for each look at the clock; from this version on, none of it is left. */
const CLEAN_CLOCK_NODE = 24;

const COSTS: readonly Target[] = [
  {
    id: 'idle',
    text: 'Processor time of an idle flow',
    most: 0.05,
    unit: '% of a core',
    value: (results) => medianOf(results, 'w2/idle/millrace/cpu'),
  },
  {
    id: 'garbage',
    text: 'Collections in 10 million struct events through the flyweights: producer, processors and writer module',
    most: (results) => (Number.parseInt(results.nodeOf('garbage')?.slice(1) ?? '', 10) >= CLEAN_CLOCK_NODE ? 0 : 5),
    unit: 'collections',
    value: (results) =>
      sum(
        ['producer', 'processor', 'writer'].map((role) =>
          medianOf(results, `garbage/flyweight-module/${role}/collections`),
        ),
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

export const TARGETS: readonly Target[] = [
  ...W1_BOUNDED,
  ...W1_OTHERS,
  ...WRITERS,
  ...BETWEEN_TWO_THREADS,
  ...LATENCIES,
  ...COSTS,
];
