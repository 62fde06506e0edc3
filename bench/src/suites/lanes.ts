import type { Case } from '../harness/cases.ts';
import type { RemoteContender } from '../harness/remote.ts';
import { rotated } from '../harness/rotation.ts';
import { standingOf } from '../harness/standing.ts';
import { spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import { DISRUPTOR_BYTES } from '../micro/lanes/disruptor.ts';
import { expectedSum, type LaneSetting, PUBLISH_EVERY, RECORD_BYTES } from '../micro/lanes/setting.ts';
import type { PairResult } from '../micro/pair.ts';
import { javaUnavailable } from '../rivals/java.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../micro/lanes/index.js', import.meta.url);

const CONTENDERS: readonly string[] = [
  'lane-spin',
  'lane-adaptive',
  'lane-park',
  'lane-batch-spin',
  'lane-batch-park',
  'event-ring-spin',
  'event-ring-adaptive',
  'event-ring-park',
  'ringbuf',
  'message-port',
  'disruptor-busy-spin',
  'disruptor-yielding',
];

/** The Disruptor's own batched test claims ten at a time, so everybody does that too, at its size. */
const DISRUPTOR_BATCH = 10;

const SHAPES: readonly Omit<LaneSetting, 'records'>[] = [
  ...RECORD_BYTES.flatMap((bytes) => PUBLISH_EVERY.map((publishEvery) => ({ bytes, publishEvery }))),
  { bytes: DISRUPTOR_BYTES, publishEvery: DISRUPTOR_BATCH },
];

/** One size of all that there are, and the Disruptor's. */
const QUICK_SHAPES = SHAPES.filter(({ bytes, publishEvery }) => bytes === 16 || publishEvery === DISRUPTOR_BATCH);

const ROUNDS = 7;
const ROUND_MS = 100;
/** Rounds before the first counted one: each lasts longer than the one before, until it takes about `ROUND_MS`. */
const WARM_UP_ROUNDS = 3;
const FIRST_BATCHES = 200;
const MOST_GROWTH = 50;
const MOST_RECORDS = 20_000_000;
const QUICK_ROUNDS = 1;

type Remote = RemoteContender<LaneSetting, PairResult<undefined, number>>;

async function measure(remote: Remote, setting: LaneSetting): Promise<number> {
  const { result } = await remote.round(setting);
  const expected = expectedSum(setting);
  if (result.b !== expected)
    throw new Error(`${remote.name} summed ${result.b} at ${JSON.stringify(setting)}; right is ${expected}`);
  return result.ms;
}

/** How many records take this contender about as long as a round should. */
async function warmUp(remote: Remote, shape: Omit<LaneSetting, 'records'>): Promise<LaneSetting> {
  let batches = FIRST_BATCHES;
  for (let i = 0; i < WARM_UP_ROUNDS; i++) {
    const ms = await measure(remote, { ...shape, records: batches * shape.publishEvery });
    const most = MOST_RECORDS / shape.publishEvery;
    batches = Math.ceil(Math.min(most, batches * Math.min(MOST_GROWTH, ROUND_MS / ms)));
  }
  return { ...shape, records: batches * shape.publishEvery };
}

const runs = (name: string, bytes: number): boolean => bytes === DISRUPTOR_BYTES || !name.startsWith('disruptor');

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const missing = javaUnavailable();
  if (missing) options.log(`lanes: the Disruptor is skipped: ${missing}`);
  const names = CONTENDERS.filter((name) => wanted(options, name) && !(missing && name.startsWith('disruptor')));
  const cases: Case[] = [];
  const records: unknown[] = [];
  await withRemotes<LaneSetting, PairResult<undefined, number>, void>(
    REGISTRY,
    names,
    { threads: 2 },
    async (remotes) => {
      for (const shape of options.quick ? QUICK_SHAPES : SHAPES) {
        const label = `lanes/${shape.bytes}B/every-${shape.publishEvery}`;
        options.log(label);
        const settings = new Map<Remote, LaneSetting>();
        for (const remote of remotes.filter(({ name }) => runs(name, shape.bytes))) {
          const few = { ...shape, records: FIRST_BATCHES * shape.publishEvery };
          settings.set(remote, options.quick ? few : await warmUp(remote, shape));
        }
        const rates = new Map<string, number[]>();
        for (let round = 1; round <= (options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS)); round++) {
          for (const [remote, setting] of rotated([...settings], round)) {
            const ms = await measure(remote, setting);
            rates.set(remote.name, [...(rates.get(remote.name) ?? []), setting.records / ms / 1e3]);
            records.push({ label, name: remote.name, round, ms, ...setting });
          }
        }
        for (const [name, values] of rates)
          cases.push({ name: `${label}/${name}`, ...spread(values), unit: 'million/s' });
      }
    },
  );
  const bars = cases.map(({ name, ...spread }) => {
    const [, bytes, every, contender] = name.split('/');
    return { group: bytes, name: `${every} ${contender}`, standing: standingOf(contender), ...spread };
  });
  return {
    cases,
    runs: records,
    charts: [
      {
        name: 'lanes',
        title: 'One-way throughput between two threads',
        axis: 'million records a second',
        scale: 'log',
        bars,
      },
    ],
  };
}

export const lanes: Suite = {
  name: 'lanes',
  title: 'one-way throughput between two threads',
  contenders: () => CONTENDERS,
  run,
};
