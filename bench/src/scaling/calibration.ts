/** Measures what the model of scaling is fed with, through the public API and with the same operations that the roles do. */
import { type Flow, pipeline, sequences } from 'millrace';
import type { Contender, Registry } from '../harness/contender.ts';
import { median } from '../harness/statistics.ts';
import { pairContender } from '../micro/pair.ts';
import { foldedRound } from '../millrace/form-a.ts';
import { roundMemory } from '../millrace/round-memory.ts';
import type { CoordinationCosts } from '../scaling-model/parameters.ts';
import { ticketLength, ticketsAhead } from '../scaling-model/sizing.ts';
import type { CalibrationWork } from './calibration-processor.ts';
import { type FlowWork, look, workBetween } from './flow-work.ts';
import type { WakeResult, WakeSetting } from './wake-pair.ts';

export interface CalibrationSetting {
  readonly sequences: number;
  readonly trips: number;
}

const PROCESSOR = new URL('./calibration-processor.js', import.meta.url);
const WRITER = new URL('../millrace/folding-writer.js', import.meta.url);
const WAKES = new URL('./wake-pair.js', import.meta.url);

/** About two microseconds: more than the shortest ticket that can be asked for, so that each event gets one of its own. */
const TICKET_K = 600;
const LEAST_TICKET_MS = 0.001;
const ROUNDS = 3;
const MANY_ITEMS = 64;
/** The pairs run this often, and the last time counts. */
const WARM_UPS = 2;

/** One processor, so that on a machine of two cores the writer has the other one. The last of a few rounds counts. */
async function flowWork(work: CalibrationWork, ticketMs: number, events: number): Promise<FlowWork> {
  const round = roundMemory();
  const flow: Flow<never, never> = await pipeline({ source: sequences(), ticketMs })
    .process(PROCESSOR, { threads: 1, data: work })
    .write(WRITER, { data: { round, K: 0, hugeItems: 0 } })
    .start();
  let measured: FlowWork | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    const before = look(flow.stats());
    await foldedRound(flow, round, i * events, events);
    measured = workBetween(before, look(flow.stats()));
  }
  await flow.drain();
  return measured!;
}

interface Wake {
  readonly tripUs: number;
  /** Of ten trips the fastest: whoever spins and loses its core for a while has measured something else. */
  readonly undisturbedUs: number;
  readonly callUs: number;
  readonly cpuUsPerTrip: number;
}

async function wake(program: string, trips: number): Promise<Wake> {
  const pair = await pairContender<WakeSetting, WakeResult, undefined>(program, { module: WAKES, program }).start({
    threads: 2,
  });
  for (let i = 0; i < WARM_UPS; i++) await pair.round({ trips });
  const cpu = process.cpuUsage();
  const { a } = await pair.round({ trips });
  const { user, system } = process.cpuUsage(cpu);
  await pair.stop();
  const sorted = a.tripsUs.toSorted();
  return {
    tripUs: median([...a.tripsUs]),
    undisturbedUs: sorted[Math.floor(sorted.length / 10)],
    callUs: median([...a.callsUs]),
    cpuUsPerTrip: (user + system) / trips,
  };
}

function usPerCall(calls: number, call: (i: number) => void): number {
  for (let i = 0; i < calls; i++) call(i);
  const begin = performance.now();
  for (let i = 0; i < calls; i++) call(i);
  return ((performance.now() - begin) * 1e3) / calls;
}

const words = new Int32Array(new SharedArrayBuffer(64 * Int32Array.BYTES_PER_ELEMENT));
/** Where results go so that no call is left out. */
const KEPT = 63;

/** What a coordinator does for each ticket: decides its length, and five stores and two loads. */
function cut(i: number): void {
  const load = {
    backlog: 1e6 - i,
    processors: 2,
    msPerSequence: 1e-3,
    bytesPerSequence: 40,
    laneBytes: 1 << 18,
    ticketMs: 1,
    msPerBatch: 0.05,
  };
  const length = ticketLength(load);
  words[KEPT] += ticketsAhead(load, length, 10, 256) + Atomics.load(words, 0) + Atomics.load(words, 1);
  for (let word = 2; word < 7; word++) Atomics.store(words, word, length);
}

async function calibrate({ sequences: events, trips }: CalibrationSetting): Promise<CoordinationCosts> {
  const one = await flowWork({ K: 0, items: 1 }, 1, events);
  const many = await flowWork({ K: 0, items: MANY_ITEMS }, 1, Math.ceil(events / 8));
  const tickets = await flowWork({ K: TICKET_K, items: 0 }, LEAST_TICKET_MS, Math.ceil(events / 8));
  const blocking = await wake('blocking', trips);
  const eventLoop = await wake('eventLoop', trips);
  const line = await wake('line', trips);
  const us = (ms: number, count: number): number => (ms * 1e3) / count;
  // Each sequence is a run of its own in what the writer gets.
  const usOfMany = us(many.writerBusyMs, many.sequences);
  const usOfOne = us(one.writerBusyMs, one.sequences);
  const itemUs = Math.max((usOfMany - usOfOne) / (MANY_ITEMS - 1), 1e-4);
  return {
    writerItemUs: itemUs,
    writerRunUs: Math.max(usOfOne - itemUs, 1e-3),
    writerTicketUs: Math.max(us(tickets.writerBusyMs, tickets.tickets), 1e-2),
    processorTicketUs: Math.max(us(tickets.processorsBusyMs - tickets.computingMs, tickets.tickets), 1e-2),
    scanUs: usPerCall(1e5, () => {
      words[KEPT] += Atomics.load(words, 8);
    }),
    cutUs: usPerCall(1e5, cut),
    lineUs: line.undisturbedUs / 2,
    wakeUs: blocking.tripUs / 2,
    wakeCallUs: blocking.callUs,
    coordinatorWakeUs: Math.max(eventLoop.tripUs - blocking.tripUs / 2, 0.1),
    coordinatorWakeCpuUs: Math.max(eventLoop.cpuUsPerTrip - blocking.cpuUsPerTrip / 2, 0.1),
  };
}

export type CalibrationContender = Contender<CalibrationSetting, CoordinationCosts>;

const registry: Registry<CalibrationSetting, CoordinationCosts> = {
  calibration: async () => ({
    name: 'calibration',
    start: async () => ({ round: calibrate, stop: async () => {} }),
  }),
};

export default registry;
