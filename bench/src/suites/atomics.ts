import { COUNTED } from '../atomics/counting.ts';
import { COUNTING_OPTIONS, type CountedResult } from '../atomics/index.ts';
import type { Case } from '../harness/cases.ts';
import { type OrderedSetting, verify } from '../harness/contender.ts';
import { RemoteContender } from '../harness/remote.ts';
import { spread } from '../harness/statistics.ts';
import { expectedAnswer } from '../workloads/expected.ts';
import { SETTINGS } from '../workloads/w1.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const REGISTRY = new URL('../atomics/index.js', import.meta.url);

const ROUNDS = 5;
/** Rounds before the counted ones: a flow's first tickets are small, since it does not know its costs yet. */
const WARM_UP_ROUNDS = 4;
const QUICK_SHARE = 0.02;

/** Per event and per item of one setting, over its rounds. */
function casesOf(label: string, events: number, rounds: readonly CountedResult[]): Case[] {
  const per = (name: string, count: (round: CountedResult) => number): Case[] => [
    { name: `${label}/${name}/per-event`, ...spread(rounds.map((round) => count(round) / events)), unit: 'per event' },
    {
      name: `${label}/${name}/per-item`,
      ...spread(rounds.map((round) => count(round) / round.items)),
      unit: 'per item',
    },
  ];
  return [
    ...per('atomics', ({ atomics }) => atomics.loads + atomics.stores + atomics.exchanges),
    ...COUNTED.flatMap((name) => per(name, ({ atomics }) => atomics[name])),
    ...per('wakes', ({ flow }) => flow.wakes),
    ...per('parks', ({ flow }) => flow.parks),
    ...per('tickets', ({ flow }) => flow.tickets),
    ...per('batches', ({ flow }) => flow.batches),
  ];
}

async function measure(setting: OrderedSetting, rounds: number, warmUp: number, threads: number) {
  const expected = expectedAnswer(setting.work, setting.events);
  const remote = await RemoteContender.start<OrderedSetting, CountedResult>(
    REGISTRY,
    'millrace',
    { threads },
    COUNTING_OPTIONS,
  );
  try {
    const measured: CountedResult[] = [];
    for (let round = 1; round <= warmUp + rounds; round++) {
      const { result } = await remote.round(setting);
      verify('millrace', 'atomics', result, expected);
      if (result.atomics.stores === 0)
        throw new Error('no atomic store was counted: the counting hook is not in place');
      if (round > warmUp) measured.push(result);
    }
    await remote.stop();
    return measured;
  } catch (error) {
    remote.kill();
    throw error;
  }
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const cases: Case[] = [];
  const runs: unknown[] = [];
  for (const { N, K } of SETTINGS) {
    const label = `atomics/K=${K}`;
    options.log(label);
    const events = options.quick ? Math.ceil(N * QUICK_SHARE) : N;
    const rounds = options.rounds ?? (options.quick ? 1 : ROUNDS);
    const measured = await measure(
      { work: { kind: 'w1', K }, events },
      rounds,
      options.quick ? 0 : WARM_UP_ROUNDS,
      options.threads,
    );
    cases.push(...casesOf(label, events, measured));
    runs.push(...measured.map((round) => ({ label, ...round })));
  }
  return { cases, runs, charts: [] };
}

export const atomics: Suite = {
  name: 'atomics',
  title: 'atomic operations, waits and wake-ups of W1, counted in all threads',
  contenders: () => [],
  run,
};
