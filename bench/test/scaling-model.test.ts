import { describe, expect, it } from 'vitest';
// Not public; the model restates the rules, and this test holds the two together.
import * as rules from '../../packages/millrace/dist/order/ticket-sizing.js';
import { boundOf, oneItemEach, predict, W1_MEANS, w1Of } from '../dist/scaling-model/limits.js';
import { Machine } from '../dist/scaling-model/machine.js';
import { type CoordinationCosts, DEFAULT_SHAPE } from '../dist/scaling-model/parameters.js';
import { simulate } from '../dist/scaling-model/simulate.js';
import { ticketLength, ticketsAhead } from '../dist/scaling-model/sizing.js';
import { uniform, w1Workload } from '../dist/scaling-model/workload.js';
import { SETTINGS } from '../dist/workloads/w1.js';

const FREE: CoordinationCosts = {
  writerItemUs: 0,
  writerRunUs: 0,
  writerTicketUs: 0,
  processorTicketUs: 0,
  scanUs: 0,
  cutUs: 0,
  lineUs: 0,
  wakeUs: 0,
  wakeCallUs: 0,
  coordinatorWakeUs: 0,
  coordinatorWakeCpuUs: 0,
};
const USUAL: CoordinationCosts = {
  writerItemUs: 0.002,
  writerRunUs: 0.03,
  writerTicketUs: 0.5,
  processorTicketUs: 0.8,
  scanUs: 0.007,
  cutUs: 0.15,
  lineUs: 0.15,
  wakeUs: 6,
  wakeCallUs: 2,
  coordinatorWakeUs: 7,
  coordinatorWakeCpuUs: 5,
};

describe('the rules of the model', () => {
  it('cut tickets as the coordinator does', () => {
    for (const backlog of [0, 1, 3, 100, 1e6, Number.POSITIVE_INFINITY])
      for (const processors of [1, 2, 64])
        for (const msPerSequence of [undefined, 0, 1e-5, 0.02, 40])
          for (const bytesPerSequence of [0, 40, 1e5])
            for (const ticketMs of [0.001, 1])
              for (const msPerBatch of [0, 0.01, 5, 1e3]) {
                const costs = { msPerSequence, bytesPerSequence, msPerBatch };
                const load = { backlog, processors, ...costs, laneBytes: 2 ** 18, ticketMs };
                const length = rules.ticketLength(load);
                expect(ticketLength(load)).toBe(length);
                expect(ticketsAhead(load, length, 10, 256)).toBe(rules.ticketsAhead(load, length, 10, 256));
              }
  });
});

describe('the cores of the model', () => {
  const endsOf = (cores: number, works: readonly number[]): number[] => {
    const machine = new Machine(cores);
    const ends: number[] = [];
    for (const us of works) machine.run(us, () => ends.push(machine.now));
    while (machine.step());
    return ends;
  };

  it('run a thread at full speed while there is a core for it', () => {
    expect(endsOf(2, [5, 3])).toEqual([3, 5]);
  });

  it('share themselves evenly among more threads than cores', () => {
    expect(endsOf(1, [3, 3])).toEqual([6, 6]);
    // Both at half speed until the short one ends at 2; then the long one alone.
    expect(endsOf(1, [1, 4])).toEqual([2, 5]);
  });

  it('keep timers to real time, however busy they are', () => {
    const machine = new Machine(1);
    const ends: [string, number][] = [];
    machine.run(4, () => ends.push(['work', machine.now]));
    machine.run(4, () => ends.push(['work', machine.now]));
    machine.after(3, () => ends.push(['timer', machine.now]));
    while (machine.step());
    expect(ends).toEqual([
      ['timer', 3],
      ['work', 8],
      ['work', 8],
    ]);
  });
});

describe('the workload of the model', () => {
  it.each(SETTINGS)('emits as many items as W1 does over $N events', ({ N, items }) => {
    expect(w1Workload(N, N, 1, 0).of(0, N).items).toBe(items);
  });

  it('repeats its events, and sums over any range', () => {
    const workload = w1Workload(1_000, 100, 1, 0.01);
    const whole = workload.of(0, 1_000).computeUs;
    expect(workload.of(0, 37).computeUs + workload.of(37, 1_000).computeUs).toBeCloseTo(whole, 6);
    expect(workload.of(100, 200)).toEqual(workload.of(0, 100));
  });

  it('costs in the mean what it is asked to cost', () => {
    const { computeUs, items } = w1Of(1.6, 0.002)(100_000).of(0, 100_000);
    expect(computeUs / 100_000).toBeCloseTo(1.6, 6);
    expect(items / 100_000).toBeCloseTo(W1_MEANS.items, 6);
  });
});

describe('the modelled flow', () => {
  const shape = (cores: number, processors = cores) => ({ ...DEFAULT_SHAPE, cores, processors });

  it.each([1, 2, 7, 64])('uses %i cores fully where coordination is free', (cores) => {
    const { usPerEvent } = simulate(uniform(100_000 * cores, 10, 1), shape(cores), FREE);
    expect(10 / usPerEvent / cores).toBeGreaterThan(0.98);
    expect(10 / usPerEvent / cores).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('gains nothing by processors past the cores', () => {
    const on = (processors: number) => simulate(uniform(100_000, 10, 1), shape(2, processors), FREE).usPerEvent;
    expect(on(4) / on(2)).toBeCloseTo(1, 1);
  });

  it('is as fast as its writer where that is slower than all processors', () => {
    const costs = { ...FREE, writerRunUs: 0.5, writerItemUs: 0.5 };
    const prediction = simulate(uniform(500_000, 1, 1), shape(16), costs);
    expect(prediction.usPerEvent).toBeCloseTo(1, 1);
    expect(boundOf(prediction)).toBe('writer');
    expect(prediction.waitedForRoom).toBeGreaterThan(0.5);
  });

  it('is as fast as its coordinator where that is slower than all processors', () => {
    const costs = { ...FREE, cutUs: 50 };
    const prediction = simulate(uniform(3_000, 1_000, 0), { ...shape(64), ticketMs: 0.001 }, costs);
    expect(prediction.usPerEvent).toBeGreaterThanOrEqual(50 - 1e-6);
    expect(boundOf(prediction)).toBe('coordinator');
    expect(prediction.waitedForTicket).toBeGreaterThan(0.5);
  });

  it('comes to its end at every cost and number of cores', () => {
    for (const cores of [1, 2, 8, 128])
      for (const us of [0.03, 3]) {
        for (const workloadOf of [w1Of(us, 0.002), oneItemEach(us)]) {
          const prediction = predict(cores, USUAL, workloadOf);
          expect(us / prediction.usPerEvent).toBeLessThanOrEqual(cores * (1 + 1e-9));
          expect(prediction.writerBusy).toBeLessThanOrEqual(1 + 1e-9);
          expect(prediction.coordinatorBusy).toBeLessThanOrEqual(1 + 1e-9);
        }
      }
  });
});
