import type { Case } from '../harness/cases.ts';
import { type Percentiles, percentilesOf } from '../harness/latency-histogram.ts';
import { rotated } from '../harness/rotation.ts';
import { standingOf } from '../harness/standing.ts';
import { spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import type { PairResult } from '../micro/pair.ts';
import type { TripSetting } from '../micro/trips/setting.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../micro/trips/index.js', import.meta.url);

const CONTENDERS: readonly string[] = ['lane-spin', 'lane-adaptive', 'lane-park', 'ringbuf-spin', 'message-port'];

const ROUNDS = 8;
const TRIPS = 10_000;
const QUICK_ROUNDS = 1;
const QUICK_TRIPS = 200;

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const names = CONTENDERS.filter((one) => wanted(options, one));
  const runs: (Percentiles & { readonly name: string; readonly round: number })[] = [];
  const warmUp = options.quick ? 0 : 1;
  const rounds = warmUp + (options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS));
  await withRemotes<TripSetting, PairResult<Float32Array, undefined>, void>(
    REGISTRY,
    names,
    { threads: 2 },
    async (remotes) => {
      for (let round = 1; round <= rounds; round++) {
        for (const remote of rotated(remotes, round)) {
          const { result } = await remote.round({ trips: options.quick ? QUICK_TRIPS : TRIPS });
          if (round > warmUp) runs.push({ name: remote.name, round, ...percentilesOf(result.a) });
        }
      }
    },
  );
  const cases: Case[] = names.flatMap((name) =>
    (['p50', 'p99', 'p99.9'] as const).map((key) => ({
      name: `trips/${name}/${key}`,
      ...spread(runs.filter((one) => one.name === name).map((one) => one[key])),
      unit: 'µs',
    })),
  );
  const bars = cases.map(({ name, ...spread }) => {
    const [, contender, group] = name.split('/');
    return { group, name: contender, standing: standingOf(contender), ...spread };
  });
  return {
    cases,
    runs,
    charts: [{ name: 'trips', title: 'Round trip between two threads', axis: 'µs', scale: 'log', bars }],
  };
}

export const trips: Suite = {
  name: 'trips',
  title: 'round trip between two threads',
  contenders: () => CONTENDERS,
  run,
};
