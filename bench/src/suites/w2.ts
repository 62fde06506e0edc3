import os from 'node:os';
import type { Case } from '../harness/cases.ts';
import type { Bar } from '../harness/chart.ts';
import { verify } from '../harness/contender.ts';
import { type Percentiles, percentilesOf } from '../harness/latency-histogram.ts';
import type { RemoteContender } from '../harness/remote.ts';
import { rotated } from '../harness/rotation.ts';
import { standingOf } from '../harness/standing.ts';
import { spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import type { LatencyResult, LatencySetting, Pacing } from '../latency/setting.ts';
import { sequential2, W2_RATES } from '../workloads/w2.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../latency/index.js', import.meta.url);
const CONTENDERS: readonly string[] = [
  'millrace',
  'millrace-function',
  'message-port',
  'message-port-batches',
  'piscina',
];

const ROUNDS = 6;
const ROUND_SECONDS = 3;
const IDLE_MS = 10_000;
const QUICK_ROUNDS = 1;
const QUICK_EVENTS = 2_000;
const QUICK_IDLE_MS = 200;
/** Rounds before the counted ones, in which the threads compile their code. */
const WARM_UP_ROUNDS = 1;

/** The load takes a core of its own only where there is one beside the computing threads and the reader. */
const pacingOf = (threads: number): Pacing => (os.availableParallelism() >= threads + 2 ? 'spin' : 'sleep');

interface Measured {
  readonly name: string;
  readonly rate: number;
  readonly round: number;
  readonly percentilesUs: Percentiles;
  /** Part of the scheduled events that came back in time. */
  readonly completed: number;
  readonly cpuPercent: number;
}

type Remote = RemoteContender<LatencySetting, LatencyResult>;

async function measure(remote: Remote, setting: LatencySetting, round: number): Promise<Measured> {
  const { result, cost } = await remote.round(setting);
  verify(remote.name, `w2/${setting.rate}`, result, sequential2(result.items));
  return {
    name: remote.name,
    rate: setting.rate,
    round,
    percentilesUs: percentilesOf(result.latenciesUs),
    completed: result.items / setting.events,
    cpuPercent: (100 * cost.cpuMs) / cost.wallMs,
  };
}

function casesOf(rate: number, names: readonly string[], measured: readonly Measured[]): Case[] {
  const cases: Case[] = [];
  for (const name of names) {
    const own = measured.filter((one) => one.name === name);
    for (const key of ['p50', 'p99', 'p99.9', 'max'] as const) {
      cases.push({
        name: `w2/${rate}/${name}/${key}`,
        ...spread(own.map((one) => one.percentilesUs[key])),
        unit: 'µs',
      });
    }
    cases.push({
      name: `w2/${rate}/${name}/completed`,
      ...spread(own.map((one) => 100 * one.completed)),
      unit: '% of events',
    });
    cases.push({ name: `w2/${rate}/${name}/cpu`, ...spread(own.map((one) => one.cpuPercent)), unit: '% of a core' });
  }
  return cases;
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const pacing = pacingOf(options.threads);
  options.log(`w2: the load thread waits by ${pacing}`);
  const names = CONTENDERS.filter((one) => wanted(options, one));
  const cases: Case[] = [];
  const runs: unknown[] = [];
  await withRemotes<LatencySetting, LatencyResult, void>(REGISTRY, names, options, async (remotes) => {
    for (const rate of W2_RATES) {
      const setting: LatencySetting = { rate, events: options.quick ? QUICK_EVENTS : rate * ROUND_SECONDS, pacing };
      options.log(`w2/${rate}: ${setting.events} events a round`);
      const measured: Measured[] = [];
      const warmUp = options.quick ? 0 : WARM_UP_ROUNDS;
      const rounds = warmUp + (options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS));
      for (let round = 1; round <= rounds; round++) {
        for (const remote of rotated(remotes, round)) {
          const one = await measure(remote, setting, round);
          if (round > warmUp) measured.push(one);
        }
      }
      cases.push(...casesOf(rate, names, measured));
      runs.push(...measured.map((one) => ({ ...one, pacing })));
    }
    for (const remote of remotes) {
      const idle = await remote.idle(options.quick ? QUICK_IDLE_MS : IDLE_MS);
      cases.push({
        name: `w2/idle/${remote.name}/cpu`,
        ...spread([(100 * idle.cpuMs) / idle.wallMs]),
        unit: '% of a core',
      });
    }
  });
  const title = `W2: latency from scheduled arrival (load waits by ${pacing})`;
  return { cases, runs, charts: [{ name: 'w2-latency', title, axis: 'µs', scale: 'log', bars: latencyBars(cases) }] };
}

function latencyBars(cases: readonly Case[]): Bar[] {
  return cases
    .filter(({ unit }) => unit === 'µs')
    .map(({ name, ...spread }) => ({
      group: `${name.split('/')[1]} a second`,
      name: name.split('/').slice(2).join(' '),
      standing: standingOf(name.split('/')[2]),
      ...spread,
    }));
}

export const w2: Suite = {
  name: 'w2',
  title: 'latency under an open-loop load, from each scheduled arrival',
  contenders: () => CONTENDERS,
  run,
};
