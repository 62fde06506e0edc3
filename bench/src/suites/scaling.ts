import os from 'node:os';
import { type Case, casesOf } from '../harness/cases.ts';
import type { LinePoint } from '../harness/chart.ts';
import { compare, type RoundRecord } from '../harness/compare.ts';
import { PLAIN_LOOP } from '../harness/standing.ts';
import { PHASES, type Spread, spread } from '../harness/statistics.ts';
import { withRemotes } from '../harness/with-remotes.ts';
import type { CalibrationSetting } from '../scaling/calibration.ts';
import type { FlowWork } from '../scaling/flow-work.ts';
import { contenderName, processorCounts } from '../scaling/index.ts';
import { boundOf, oneItemEach, predict, w1Of } from '../scaling-model/limits.ts';
import type { CoordinationCosts } from '../scaling-model/parameters.ts';
import type { Prediction } from '../scaling-model/simulate.ts';
import { SETTINGS } from '../workloads/w1.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const REGISTRY = new URL('../scaling/index.js', import.meta.url);
const CALIBRATION = new URL('../scaling/calibration.js', import.meta.url);

const ROUNDS = 12;
const QUICK_ROUNDS = 2;
const QUICK_SHARE = 0.01;
const CALIBRATIONS = 5;
const CALIBRATION_SETTING: CalibrationSetting = { sequences: 400_000, trips: 5_000 };
const QUICK_CALIBRATION: CalibrationSetting = { sequences: 2_000, trips: 50 };

const PREDICTED_CORES = [4, 8, 16, 32, 64, 128];
const QUICK_CORES = [4];
/** Mean cost of an event, in microseconds, over which the limits are looked for. */
const EVENT_US = [0.03, 0.1, 0.3, 1, 3, 10, 30];

const COST_UNITS: Readonly<Record<keyof CoordinationCosts, string>> = {
  writerItemUs: 'writer-item',
  writerRunUs: 'writer-run',
  writerTicketUs: 'writer-ticket',
  processorTicketUs: 'processor-ticket',
  scanUs: 'scanned-entry',
  cutUs: 'cut-ticket',
  lineUs: 'cache-line',
  wakeUs: 'wake',
  wakeCallUs: 'wake-call',
  coordinatorWakeUs: 'coordinator-wake',
  coordinatorWakeCpuUs: 'coordinator-wake-cpu',
};

type ScalingRecord = RoundRecord & { readonly flow?: FlowWork };

/** Measured: the speed of each number of processors at each setting. */
async function measure(options: SuiteOptions, cores: number) {
  const cases: Case[] = [];
  const records: (ScalingRecord & { readonly K: number })[] = [];
  for (const { N, K } of options.quick ? SETTINGS.slice(0, 1) : SETTINGS) {
    const label = `scaling/K=${K}`;
    const entries = processorCounts(cores)
      .map((count) => ({ name: contenderName(count) }))
      .filter(({ name }) => wanted(options, name));
    options.log(`${label}: ${entries.map(({ name }) => name).join(', ')}`);
    const measured: ScalingRecord[] = await compare({
      label,
      registry: REGISTRY,
      entries,
      setting: { work: { kind: 'w1', K }, events: options.quick ? Math.ceil(N * QUICK_SHARE) : N },
      threads: options.threads,
      rounds: options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS),
    });
    const own = casesOf(label, measured);
    cases.push(...own, ...efficiencies(own, cores));
    records.push(...measured.map((record) => ({ ...record, K })));
  }
  return { cases, records };
}

const processorsOf = (name: string): number => Number(/processors-(\d+)/.exec(name)?.[1] ?? 0);

/** Speed for each core that could compute: 1 would be a plain loop on every one of them, without any order. */
function efficiencies(cases: readonly Case[], cores: number): Case[] {
  return cases.flatMap(({ name, ratioToLoop, median, min, max }) => {
    const [suite, K, contender, phase] = name.split('/');
    if (ratioToLoop === undefined || contender === PLAIN_LOOP || phase !== 'steady') return [];
    const efficiency = ratioToLoop / Math.min(processorsOf(name), cores);
    return [
      {
        name: `${suite}/${K}/${contender}/efficiency`,
        median: efficiency,
        min: (efficiency * median) / max,
        max: (efficiency * median) / min,
        unit: 'of a core',
      },
    ];
  });
}

async function calibrate(options: SuiteOptions): Promise<CoordinationCosts[]> {
  options.log('scaling/cost: what coordination costs here');
  return withRemotes<CalibrationSetting, CoordinationCosts, CoordinationCosts[]>(
    CALIBRATION,
    ['calibration'],
    options,
    async ([remote]) => {
      const costs: CoordinationCosts[] = [];
      for (let i = 0; i < (options.quick ? 1 : CALIBRATIONS); i++) {
        costs.push((await remote.round(options.quick ? QUICK_CALIBRATION : CALIBRATION_SETTING)).result);
      }
      return costs;
    },
  );
}

const spreadOfCosts = (costs: readonly CoordinationCosts[]): [keyof CoordinationCosts, Spread][] =>
  (Object.keys(COST_UNITS) as (keyof CoordinationCosts)[]).map((key) => [key, spread(costs.map((one) => one[key]))]);

/** What one event of W1 costs a processor, in the mean, from the flow's own counters with a processor alone on its core. */
function eventUs(records: readonly (ScalingRecord & { readonly K: number })[], K: number): Spread | undefined {
  const own = records.filter((one) => one.K === K && one.name === contenderName(1) && one.flow);
  const warm = own.filter(({ round }) => round > Math.min(4, own.length - 1));
  if (warm.length === 0) return undefined;
  return spread(warm.map(({ flow }) => (flow!.computingMs * 1e3) / flow!.sequences));
}

interface Predicted {
  readonly label: string;
  readonly cores: number;
  readonly processors: number;
  readonly eventUs: number;
  readonly prediction: Prediction;
}

const exactly = (value: number): Spread => ({ median: value, min: value, max: value });

/** Cases of a prediction: its speed against a plain loop whose event costs `loopUs`, and how busy the single threads are. */
function predictionCases({ label, eventUs: us, prediction }: Predicted, loopUs: number): Case[] {
  const { usPerEvent, writerBusy, coordinatorBusy } = prediction;
  return [
    {
      name: `${label}/speed`,
      ratioToLoop: loopUs / usPerEvent,
      ...exactly(usPerEvent * 1e3),
      unit: 'ns/event',
    },
    { name: `${label}/cores-used`, ...exactly(us / usPerEvent), unit: 'cores of work' },
    { name: `${label}/writer-busy`, ...exactly(100 * writerBusy), unit: '%' },
    { name: `${label}/coordinator-busy`, ...exactly(100 * coordinatorBusy), unit: '%' },
  ];
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const cores = os.availableParallelism();
  const { cases, records } = await measure(options, cores);
  const calibrations = await calibrate(options);
  const costSpreads = spreadOfCosts(calibrations);
  const costs = Object.fromEntries(
    costSpreads.map(([key, { median }]) => [key, median]),
  ) as unknown as CoordinationCosts;
  for (const [key, one] of costSpreads) {
    const ns = { median: one.median * 1e3, min: one.min * 1e3, max: one.max * 1e3 };
    cases.push({ name: `scaling/cost/${COST_UNITS[key]}`, ...ns, unit: 'ns' });
  }
  const predictions: Predicted[] = [];
  const itemUs = (eventUs(records, 0)?.median ?? 0.03) / 12;
  for (const { K } of SETTINGS) {
    const us = eventUs(records, K);
    if (us === undefined) continue;
    cases.push({
      name: `scaling/cost/event-K=${K}`,
      median: us.median * 1e3,
      min: us.min * 1e3,
      max: us.max * 1e3,
      unit: 'ns',
    });
    const loopUs = loopOf(cases, K) ?? us.median;
    const add = (label: string, on: number, processors: number): void => {
      const prediction = predict(on, costs, w1Of(us.median, itemUs), processors);
      const predicted = { label, cores: on, processors, eventUs: us.median, prediction };
      predictions.push(predicted);
      cases.push(...predictionCases(predicted, loopUs));
    };
    for (const count of processorCounts(cores)) add(`scaling/model/K=${K}/${contenderName(count)}`, cores, count);
    for (const on of options.quick ? QUICK_CORES : PREDICTED_CORES) {
      add(`scaling/predicted/K=${K}/cores-${on}`, on, on);
    }
  }
  cases.push(...limits(options, costs, itemUs, predictions));
  return {
    cases,
    runs: [...records, ...calibrations.map((one) => ({ label: 'scaling/cost', ...one })), ...predictions],
    charts: [
      {
        name: 'scaling',
        title: 'W1: times the plain loop by processors, measured and modelled',
        xAxis: 'processors',
        axis: 'times the plain loop',
        scale: 'linear',
        points: measuredPoints(cases),
      },
      {
        name: 'scaling-predicted',
        title: 'W1 modelled with a processor on each core',
        xAxis: 'cores',
        axis: 'times the plain loop',
        scale: 'log',
        points: predictedPoints(cases),
      },
    ],
  };
}

const loopOf = (cases: readonly Case[], K: number): number | undefined => {
  const times = PHASES.flatMap(
    (phase) => cases.find(({ name }) => name === `scaling/K=${K}/${PLAIN_LOOP}/${phase}`) ?? [],
  );
  return times.length === 0 ? undefined : times.at(-1)!.median / 1e3;
};

/** At which number of cores which thread is the limit, for each cost of an event, with W1's output and with one item each. */
function limits(options: SuiteOptions, costs: CoordinationCosts, itemUs: number, predictions: Predicted[]): Case[] {
  const cases: Case[] = [];
  for (const [output, workloadOf] of [
    ['w1', (us: number) => w1Of(us, itemUs)],
    ['one-item', oneItemEach],
  ] as const) {
    for (const us of options.quick ? EVENT_US.slice(-1) : EVENT_US) {
      for (const cores of options.quick ? QUICK_CORES : PREDICTED_CORES) {
        const prediction = predict(cores, costs, workloadOf(us));
        const label = `scaling/limit/${output}/${us}us/cores-${cores}`;
        predictions.push({ label, cores, processors: cores, eventUs: us, prediction });
        const used = us / prediction.usPerEvent;
        cases.push({ name: `${label}/${boundOf(prediction)}`, ...exactly(used), unit: 'cores of work' });
      }
    }
  }
  return cases;
}

function measuredPoints(cases: readonly Case[]): LinePoint[] {
  return cases.flatMap(({ name, ratioToLoop, median, min, max }) => {
    if (ratioToLoop === undefined) return [];
    const parts = name.split('/');
    const modelled = parts[1] === 'model';
    const [K, contender, phase] = modelled ? parts.slice(2) : parts.slice(1);
    if (processorsOf(name) === 0 || !(modelled || phase === 'steady')) return [];
    return [
      {
        group: K,
        name: modelled ? 'model' : 'measured',
        x: processorsOf(contender),
        median: ratioToLoop,
        min: (ratioToLoop * median) / max,
        max: (ratioToLoop * median) / min,
      },
    ];
  });
}

function predictedPoints(cases: readonly Case[]): LinePoint[] {
  return cases.flatMap(({ name, ratioToLoop }) => {
    const match = /^scaling\/predicted\/([^/]+)\/cores-(\d+)\/speed$/.exec(name);
    if (!match || ratioToLoop === undefined) return [];
    return [{ group: 'all settings', name: match[1], x: Number(match[2]), ...exactly(ratioToLoop) }];
  });
}

export const scaling: Suite = {
  name: 'scaling',
  title: 'W1 by number of processors, and a model that says where more cores stop helping',
  contenders: () => processorCounts(os.availableParallelism()).map(contenderName),
  run,
};
