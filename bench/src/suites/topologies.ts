import { COUNTING_OPTIONS } from '../atomics/index.ts';
import type { Case } from '../harness/cases.ts';
import { type OrderedResult, type OrderedSetting, verify } from '../harness/contender.ts';
import { percentilesOf } from '../harness/latency-histogram.ts';
import { RemoteContender } from '../harness/remote.ts';
import { rotated } from '../harness/rotation.ts';
import { PLAIN_LOOP, standingOf } from '../harness/standing.ts';
import { median, spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import { dealt } from '../rivals/chunks.ts';
import type { TopologyResult } from '../topologies/index.ts';
import type { TopologySetting } from '../topologies/messages.ts';
import { SHAPES } from '../topologies/shapes.ts';
import { expectedAnswer } from '../workloads/expected.ts';
import { type Answer, SETTINGS } from '../workloads/w1.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../topologies/index.js', import.meta.url);
const LOOPS = new URL('../rivals/index.js', import.meta.url);

const ROUNDS = 6;
/** Rounds before the counted ones, in which the threads compile their code. */
const WARM_UP_ROUNDS = 4;
const QUICK_ROUNDS = 1;
const QUICK_SHARE = 0.01;

/** Single events through an idle flow. */
const LATENCY_EVENTS = 300;
const LATENCY_EVERY_MS = 2;
const LATENCY_ROUNDS = 3;
const QUICK_LATENCY_EVENTS = 10;

/** Atomic operations are counted in processes of their own, since counting them takes time. */
const COUNTED_ROUND = 3;

/** The eight shapes with a message for each hop, with a lane for each hop, and Millrace. */
const CONTENDERS: readonly string[] = [
  ...Object.keys(SHAPES),
  ...Object.keys(SHAPES).map((name) => `${name}-lanes`),
  'millrace',
  'millrace-claim',
];
/** A quick run shows that the suite works; the tests have every shape. */
const QUICK_CONTENDERS: readonly string[] = ['1-direct', '6-tasks-to-writer', '6-tasks-to-writer-lanes', 'millrace'];

interface Throughput {
  readonly name: string;
  readonly round: number;
  readonly ms: number;
  readonly messagesPerItem: number;
  readonly threads: number;
  readonly peakRssMiB: number;
}

type Remote = RemoteContender<TopologySetting, TopologyResult>;

interface Measured {
  readonly loopMs: number;
  readonly rounds: readonly Throughput[];
}

async function measure(
  setting: TopologySetting,
  rounds: number,
  warmUp: number,
  threads: number,
  names: readonly string[],
): Promise<Measured> {
  const expected = expectedAnswer(setting.work, setting.events);
  return withLoop(threads, (loop) =>
    withRemotes<TopologySetting, TopologyResult, Measured>(REGISTRY, names, { threads }, async (shapes) => {
      const loopMs: number[] = [];
      const measured: Throughput[] = [];
      for (let round = 1; round <= warmUp + rounds; round++) {
        loopMs.push((await loop.round(setting)).result.ms);
        for (const remote of rotated(shapes, round)) {
          const one = await throughput(remote, setting, round, expected);
          if (round > warmUp) measured.push(one);
        }
      }
      return { loopMs: median(loopMs.slice(warmUp)), rounds: measured };
    }),
  );
}

function withLoop<Value>(
  threads: number,
  use: (loop: RemoteContender<OrderedSetting, OrderedResult>) => Promise<Value>,
): Promise<Value> {
  return withRemotes<OrderedSetting, OrderedResult, Value>(LOOPS, [PLAIN_LOOP], { threads }, ([loop]) => use(loop));
}

async function throughput(
  remote: Remote,
  setting: TopologySetting,
  round: number,
  expected: Answer,
): Promise<Throughput> {
  const { result, cost } = await remote.round(setting);
  verify(remote.name, `topologies/${JSON.stringify(setting.work)}`, result, expected);
  const { ms, threads, messages, items } = result;
  return {
    name: remote.name,
    round,
    ms,
    threads,
    messagesPerItem: messages / items,
    peakRssMiB: cost.peakRssBytes / 2 ** 20,
  };
}

function throughputCases(label: string, events: number, { loopMs, rounds }: Measured): Case[] {
  return [...new Set(rounds.map((one) => one.name))].flatMap((name) => {
    const own = rounds.filter((one) => one.name === name);
    const ns = spread(own.map((one) => (one.ms * 1e6) / events));
    const ratioToLoop = loopMs / median(own.map((one) => one.ms));
    return [
      { name: `${label}/${name}/throughput`, ratioToLoop, ...ns, unit: 'ns/event' },
      { name: `${label}/${name}/messages`, ...spread(own.map((one) => one.messagesPerItem)), unit: 'messages/item' },
      { name: `${label}/${name}/threads`, ...spread(own.map((one) => one.threads)), unit: 'threads' },
      { name: `${label}/${name}/peak-rss`, ...spread(own.map((one) => one.peakRssMiB)), unit: 'MiB' },
    ];
  });
}

/** Latency of single events through an idle flow: what the hops alone cost. */
async function latencies(options: SuiteOptions, names: readonly string[]): Promise<Case[]> {
  const events = options.quick ? QUICK_LATENCY_EVENTS : LATENCY_EVENTS;
  const setting: TopologySetting = { work: { kind: 'w2' }, events, eventsPerTask: 1, taskEveryMs: LATENCY_EVERY_MS };
  const expected = expectedAnswer(setting.work, events);
  const cases: Case[] = [];
  for (const one of names) {
    await withRemotes<TopologySetting, TopologyResult, void>(REGISTRY, [one], options, async ([remote]) => {
      const percentiles = [];
      for (let round = 0; round < (options.quick ? 1 : LATENCY_ROUNDS); round++) {
        const { result } = await remote.round(setting);
        verify(one, 'topologies/idle', result, expected);
        percentiles.push(percentilesOf(result.latenciesUs));
      }
      for (const key of ['p50', 'p99'] as const) {
        cases.push({
          name: `topologies/idle/${one}/${key}`,
          ...spread(percentiles.map((each) => each[key])),
          unit: 'µs',
        });
      }
    });
  }
  return cases;
}

/** Atomic operations for each item, of those whose hops are memory. Those of Node's own message ports cannot be seen. */
async function countedAtomics(
  label: string,
  setting: TopologySetting,
  threads: number,
  names: readonly string[],
): Promise<Case[]> {
  const expected = expectedAnswer(setting.work, setting.events);
  const cases: Case[] = [];
  for (const name of names.filter((one) => !(one in SHAPES))) {
    const remote: Remote = await RemoteContender.start(REGISTRY, name, { threads }, COUNTING_OPTIONS);
    try {
      let perItem = 0;
      for (let round = 1; round <= COUNTED_ROUND; round++) {
        const { result } = await remote.round(setting);
        verify(name, label, result, expected);
        perItem = result.atomics / result.items;
      }
      cases.push({ name: `${label}/${name}/atomics`, ...spread([perItem]), unit: 'atomics/item' });
      await remote.stop();
    } catch (error) {
      remote.kill();
      throw error;
    }
  }
  return cases;
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const isShort = options.quick && options.only.length === 0;
  const names = (isShort ? QUICK_CONTENDERS : CONTENDERS).filter((name) => wanted(options, name));
  const cases: Case[] = [];
  const runs: unknown[] = [];
  for (const { N, K } of options.quick ? SETTINGS.slice(0, 1) : SETTINGS) {
    const label = `topologies/K=${K}`;
    options.log(label);
    const events = options.quick ? Math.ceil(N * QUICK_SHARE) : N;
    const { chunkEvents } = dealt({ work: { kind: 'w1', K }, events }, options.threads);
    const setting: TopologySetting = { work: { kind: 'w1', K }, events, eventsPerTask: chunkEvents, taskEveryMs: 0 };
    const rounds = options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS);
    const measured = await measure(setting, rounds, options.quick ? 0 : WARM_UP_ROUNDS, options.threads, names);
    cases.push(...throughputCases(label, events, measured));
    cases.push(...(await countedAtomics(label, setting, options.threads, names)));
    runs.push(...measured.rounds.map((one) => ({ label, ...one, loopMs: measured.loopMs })));
  }
  options.log('topologies/idle');
  cases.push(...(await latencies(options, names)));
  const bars = cases.flatMap(({ name, ratioToLoop, median: ns, min, max }) => {
    const [, group, shape] = name.split('/');
    if (ratioToLoop === undefined) return [];
    const [slowest, fastest] = [(ratioToLoop * ns) / max, (ratioToLoop * ns) / min];
    return [{ group, name: shape, standing: standingOf(shape), median: ratioToLoop, min: slowest, max: fastest }];
  });
  // They took turns in an order that rotates; here each shape stands beside its own form over lanes.
  bars.sort((a, b) => a.name.localeCompare(b.name));
  return {
    cases,
    runs,
    charts: [
      {
        name: 'topologies',
        title: 'Eight topologies, with messages and with lanes: speed against the warm plain loop',
        axis: 'times the plain loop',
        scale: 'linear',
        bars,
      },
    ],
  };
}

export const topologies: Suite = {
  name: 'topologies',
  title: 'eight ways to wire producer, consumers and writer, with a message or a lane for each hop',
  contenders: () => CONTENDERS,
  run,
};
