import { Bench } from 'tinybench';
import type { Case } from '../harness/cases.ts';
import { operations } from '../micro/operations/index.ts';
import type { Operation } from '../micro/operations/operation.ts';
import { type Suite, type SuiteOptions, type SuiteResult, wanted } from './suite.ts';

const TIME_MS = 500;
const WARM_UP_MS = 200;
const QUICK_TIME_MS = 10;
/** So many are timed at once, since reading the clock costs more than one of them. */
const PER_CALL = 8_192;

function check(operation: Operation): void {
  const got = operation.run(PER_CALL);
  const expected = operation.expected(PER_CALL);
  if (got !== expected)
    throw new Error(`${operation.name} made ${got} of ${PER_CALL} operations; right is ${expected}`);
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const bench = new Bench({
    time: options.quick ? QUICK_TIME_MS : TIME_MS,
    warmupTime: options.quick ? 0 : WARM_UP_MS,
    throws: true,
  });
  const chosen = operations().filter(({ name }) => wanted(options, name));
  for (const operation of chosen) {
    check(operation);
    bench.add(operation.name, () => void operation.run(PER_CALL));
  }
  await bench.run();
  const cases: Case[] = bench.tasks.flatMap(({ name, result }) => {
    if (!('latency' in result)) return [];
    const ns = (ms: number): number => (ms * 1e6) / PER_CALL;
    const { p50, min, max } = result.latency;
    return [{ name: `operations/${name}`, median: ns(p50), min: ns(min), max: ns(max), unit: 'ns' }];
  });
  for (const operation of chosen) check(operation);
  const bars = cases.map(({ name, ...spread }) => ({ group: 'one thread', name: name.split('/')[1], ...spread }));
  return {
    cases,
    runs: [],
    charts: [{ name: 'operations', title: 'Single operations', axis: 'ns', scale: 'log', bars }],
  };
}

export const operationsSuite: Suite = {
  name: 'operations',
  title: 'single operations on one thread',
  contenders: () => operations().map(({ name }) => name),
  run,
};
