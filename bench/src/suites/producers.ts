import type { Case } from '../harness/cases.ts';
import type { RemoteContender } from '../harness/remote.ts';
import { rotated } from '../harness/rotation.ts';
import { standingOf } from '../harness/standing.ts';
import { spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import {
  expectedSum,
  MOST_PRODUCERS,
  type ProducersResult,
  type ProducersSetting,
} from '../micro/producers/setting.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../micro/producers/index.js', import.meta.url);

const CONTENDERS: readonly string[] = ['event-ring-shared', 'message-port'];
const PRODUCERS: readonly number[] = [1, 2, 4];

const ROUNDS = 12;
const WARM_UP_ROUNDS = 2;
/** Of all producers together: a mailbox has to hold them. */
const EVENTS = 200_000;
const QUICK_ROUNDS = 1;
const QUICK_EVENTS = 4_000;

type Remote = RemoteContender<ProducersSetting, ProducersResult>;

async function measure(remote: Remote, setting: ProducersSetting): Promise<number> {
  const { result } = await remote.round(setting);
  const expected = expectedSum(setting);
  if (result.sum !== expected)
    throw new Error(`${remote.name} summed ${result.sum} at ${JSON.stringify(setting)}; right is ${expected}`);
  return result.ms;
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const names = CONTENDERS.filter((name) => wanted(options, name));
  const total = options.quick ? QUICK_EVENTS : EVENTS;
  const warmUp = options.quick ? 0 : WARM_UP_ROUNDS;
  const rounds = warmUp + (options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS));
  const cases: Case[] = [];
  const runs: unknown[] = [];
  await withRemotes<ProducersSetting, ProducersResult, void>(
    REGISTRY,
    names,
    { threads: MOST_PRODUCERS },
    async (remotes) => {
      for (const producers of PRODUCERS) {
        options.log(`producers/${producers}`);
        const setting = { producers, events: total / producers };
        const rates = new Map<string, number[]>();
        for (let round = 1; round <= rounds; round++) {
          for (const remote of rotated(remotes, round)) {
            const ms = await measure(remote, setting);
            if (round <= warmUp) continue;
            rates.set(remote.name, [...(rates.get(remote.name) ?? []), total / ms / 1e3]);
            runs.push({ name: remote.name, round, ms, ...setting });
          }
        }
        for (const [name, values] of rates)
          cases.push({ name: `producers/${producers}/${name}`, ...spread(values), unit: 'million/s' });
      }
    },
  );
  const bars = cases.map(({ name, ...spread }) => {
    const [, producers, contender] = name.split('/');
    return { group: `${producers} producers`, name: contender, standing: standingOf(contender), ...spread };
  });
  return {
    cases,
    runs,
    charts: [
      {
        name: 'producers',
        title: 'Events of several threads to one',
        axis: 'million events a second',
        scale: 'log',
        bars,
      },
    ],
  };
}

export const producers: Suite = {
  name: 'producers',
  title: 'several producers into one ring',
  contenders: () => CONTENDERS,
  run,
};
