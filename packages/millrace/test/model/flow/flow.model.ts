import { model, type Options } from '@millrace/interleave';
import { park, waitUntilAsync } from 'native-free-rings';
import { ackedCursor, drainedCursor } from '../../../dist/order/ticket-log-descriptor.js';
import { CAUSES } from '../../../dist/thread/causes.js';
import { MAIN } from '../../../dist/thread/control-block.js';
import { expect, expectSame } from '../support/attached.ts';
import { type Flow, type FlowShape, itemOf, runThread, START, setupFlow, stopWhenEnded } from '../support/flow.ts';

/**
 * Flows from the real duty cycles. Checked in all of them: no lost wake-up (I6: a deadlock), items in order and once (I1),
 * the publish cursor at the end of the source (I8), no data race, and that a stop or a drain is never slept through.
 */
type Body = (flow: Flow) => unknown;

const processorThread =
  (index: number): Body =>
  (flow) =>
    runThread(flow.processors[index]!());
/** A processor until it has computed everything below `end`. */
const processorTo =
  (end: number): Body =>
  (flow) => {
    const own = flow.processors[0]!();
    runThread(own, () => (own.cycle as unknown as { readonly sequence: number }).sequence >= end);
  };
const coordinator: Body = (flow) => runThread(flow.coordinator());
/** The coordinator as it runs in its thread, which has an event loop. */
const coordinatorOnEventLoop: Body = async (flow) => {
  const { cycle, parker } = flow.coordinator();
  while (!cycle.done) if (cycle.doWork() === 0 && !cycle.done) await parker.parkAsync(cycle);
};
const writer: Body = (flow) => {
  const own = flow.writer();
  runThread(own);
  return [...own.received];
};
/** The writer until it has delivered `count` items. */
const writerOf =
  (count: number): Body =>
  (flow) => {
    const own = flow.writer();
    runThread(own, () => own.received.length >= count);
    return [...own.received];
  };
/** The writer, which then does the host's part: when all have ended by themselves, it stops the coordinator. */
const writerAndHost: Body = (flow) => {
  const received = writer(flow);
  stopWhenEnded(flow, ['processor']);
  return received;
};

/** All items of the sequences from START to `end`. */
function itemsTo(end: number, items: (sequence: number) => number = () => 1): number[] {
  const list: number[] = [];
  for (let s = START; s < end; s++) for (let i = 0; i < items(s); i++) list.push(itemOf(s, i));
  return list;
}

interface Case extends FlowShape {
  /** Where everything is acknowledged in the end. Left out: the flow is stopped somewhere on the way. */
  readonly end?: number;
  readonly options?: Options;
  readonly long?: Options;
  readonly longOnly?: boolean;
}

function flow(name: string, threads: Record<string, Body>, { end, options, long, longOnly, ...shape }: Case) {
  const host = threads.writer === writerAndHost ? 'writer' : 'main';
  return model<Flow>({
    name: `flow: ${name}`,
    setup: () => setupFlow(shape, { threads: Object.keys(threads), host }),
    threads,
    after({ plan }, { results }) {
      if (results.writer !== undefined && shape.destination === undefined) {
        const got = results.writer as number[];
        const all = itemsTo(end ?? START + 8, shape.items);
        expectSame('items', got, end === undefined ? all.slice(0, got.length) : all);
      }
      if (end !== undefined && results.writer !== undefined) {
        const acked = ackedCursor(plan.tickets).peek();
        expect(acked === end, `acknowledged up to ${acked}, the source ends at ${end}`);
      }
    },
    options: { preemptions: 2, ...options },
    long: { preemptions: 3, ...long },
    longOnly,
  });
}

const main =
  (...threads: string[]): Body =>
  (f) =>
    stopWhenEnded(f, threads);

/** Hands out `count` sequences, then ends the source. */
const produce =
  (count: number, ...threads: string[]): Body =>
  async (f) => {
    const publisher = f.publisher!();
    await publisher.advance(count);
    f.control().drain(publisher.close()!);
    stopWhenEnded(f, threads);
  };

const tickets = [
  flow(
    'the coordinator parks for claims, a processor for tickets',
    { coordinator, processor: processorThread(0), main: main('processor') },
    { drainAt: START + 2, end: START + 2 },
  ),
  flow(
    'one coordinator, two processors',
    {
      coordinator,
      processor0: processorThread(0),
      processor1: processorThread(1),
      main: main('processor0', 'processor1'),
    },
    { processors: 2, drainAt: START + 1, end: START + 1 },
  ),
  flow(
    'one round of the coordinator wakes as many processors as it cut tickets',
    {
      coordinator: (f) => f.coordinator().cycle.doWork(),
      processor0: processorThread(0),
      processor1: processorThread(1),
    },
    { processors: 2, drainAt: START, end: START },
  ),
  flow(
    'the coordinator on an event loop',
    { coordinator: coordinatorOnEventLoop, processor: processorThread(0), main: main('processor') },
    { drainAt: START + 1, end: START + 1 },
  ),
];

const input = [
  flow(
    'a producer wakes the processor that has the ticket',
    { processor: processorTo(START + 2), producer: (f) => f.publisher!().advance(2) },
    { ring: 2, issued: [1, 1, 1], end: START + 2 },
  ),
  flow(
    'a producer wakes a processor, and ends the source',
    { processor: processorThread(0), main: produce(2, 'processor') },
    { ring: 2, issued: [1, 1, 1], end: START + 2 },
  ),
  flow(
    'a producer and two processors, one ticket more than events',
    { processor0: processorThread(0), processor1: processorThread(1), main: produce(2, 'processor0', 'processor1') },
    { processors: 2, ring: 2, issued: [1, 1, 1, 1], end: START + 2 },
  ),
  flow(
    'room in the source comes back from the writer',
    { processor: processorThread(0), writer, main: produce(2, 'processor', 'writer') },
    { ring: 1, issued: [1, 1, 1], end: START + 2, long: { preemptions: 2 } },
  ),
];

const five = () => 5;
/** The last ticket of these lies past the end of the source: whoever takes it ends. */
const output = [
  flow(
    'a processor sleeps for room in its lane',
    { processor: processorThread(0), writer },
    {
      issued: [2, 1],
      drainAt: START + 2,
      end: START + 2,
      items: () => 12,
      options: { preemptions: 3 },
      long: { preemptions: 4 },
    },
  ),
  flow(
    'the same while much time passes between any two looks at the clock',
    { processor: processorThread(0), writer },
    { issued: [2, 1], drainAt: START + 2, end: START + 2, items: () => 12, tickMs: 1000 },
  ),
  flow(
    'the end of a ticket wakes the writer',
    { processor: processorTo(START + 1), writer },
    { issued: [1, 1], drainAt: START + 1, end: START + 1, options: { preemptions: 3 } },
  ),
  flow(
    'a processor that waits for a ticket owes the writer no wake-up',
    { processor: processorThread(0), writer: writerOf(3), main: main('writer') },
    // A quarter of a smaller lane is rung for at once.
    { issued: [1, 1, 1], end: START + 3, laneBytes: 256 },
  ),
  flow(
    'the writer looks once by itself after a while, and no more than once',
    { processor: processorThread(0), writer },
    { issued: [2, 1], drainAt: START + 2, end: START + 2, items: five, options: { timeouts: true } },
  ),
  flow(
    'two processors, items in order of the tickets',
    { processor0: processorThread(0), processor1: processorThread(1), writer },
    { processors: 2, issued: [1, 1, 1, 1], drainAt: START + 2, end: START + 2 },
  ),
  flow(
    'acknowledged before drained',
    {
      processor: processorThread(0),
      writer,
      observer({ plan }) {
        const drained = drainedCursor(plan.tickets).load();
        const acked = ackedCursor(plan.tickets).load();
        expect(acked >= START + drained, `${drained} tickets are drained and ${acked - START} sequences acknowledged`);
      },
    },
    { issued: [1, 1, 1], drainAt: START + 2, end: START + 2 },
  ),
  flow(
    'the main thread waits for acknowledgements',
    {
      processor: processorThread(0),
      writer,
      async main(f) {
        const acked = ackedCursor(f.plan.tickets);
        const eventcount = f.control().eventcount(MAIN);
        await waitUntilAsync(() => acked.load() >= START + 2, eventcount, CAUSES.acks, START + 2);
      },
    },
    { issued: [1, 1, 1], drainAt: START + 2, end: START + 2 },
  ),
  flow(
    'a destination ring with room for one item',
    {
      processor: processorThread(0),
      writer,
      reader({ plan, reader: attachedReader }) {
        const reader = attachedReader!();
        const acked = ackedCursor(plan.tickets);
        const seen: number[] = [];
        for (let next = 0; ; reader.release(++next)) {
          const done = acked.load() - START;
          expect(reader.loadEnd() >= done, `${done} are acknowledged, ${reader.peekEnd()} are in the ring`);
          reader.waitFor(next, park());
          if (reader.isClosedAt(next)) break;
          seen.push(reader.memory.i32[reader.records.offsetOf(next) >> 2]!);
        }
        expectSame('items', seen, itemsTo(START + 2));
      },
    },
    { issued: [2, 1], drainAt: START + 2, end: START + 2, destination: 1, blockBytes: 4 },
  ),
];

const ends = [
  flow(
    'stopped at any moment',
    { coordinator, processor: processorThread(0), writer, main: (f) => f.control().stop() },
    { drainAt: START + 1, long: { preemptions: 2 } },
  ),
  flow(
    'stopped while a processor sleeps for room',
    { processor: processorThread(0), main: (f) => f.control().stop() },
    { issued: [1], items: () => 20, options: { preemptions: 4 }, long: { preemptions: 8 } },
  ),
  flow(
    'stopped while the writer sleeps for items',
    { writer, processor: processorThread(0), main: (f) => f.control().stop() },
    { issued: [1, 1], drainAt: START + 2 },
  ),
  flow(
    'drained while a processor and the writer sleep for the first event',
    { processor: processorThread(0), writer, main: produce(0, 'processor', 'writer') },
    { ring: 2, issued: [1], end: START },
  ),
  flow(
    'drained in the middle of the writer’s ticket',
    { processor: processorThread(0), writer, main: produce(1, 'processor', 'writer') },
    { ring: 2, issued: [2, 1], end: START + 1 },
  ),
];

const whole = [
  flow(
    'one sequence through coordinator, processor and writer',
    { coordinator, processor: processorThread(0), writer: writerAndHost },
    { drainAt: START + 1, end: START + 1 },
  ),
  flow(
    'a log of two tickets: the coordinator waits for the writer',
    { coordinator, processor: processorThread(0), writer: writerAndHost },
    {
      drainAt: START + 2,
      end: START + 2,
      tickets: 2,
      options: { preemptions: 1 },
      long: { search: 'pct', preemptions: undefined, samples: 20_000 },
      longOnly: true,
    },
  ),
  flow(
    'two sequences through all threads',
    { coordinator, processor: processorThread(0), writer, main: main('processor', 'writer') },
    { drainAt: START + 2, end: START + 2, long: { preemptions: 2 }, longOnly: true },
  ),
  flow(
    'drained while all threads sleep for the first event',
    { coordinator, processor: processorThread(0), writer, main: produce(0, 'processor', 'writer') },
    { ring: 2, end: START, long: { preemptions: 2 } },
  ),
  flow(
    'two processors through all threads',
    {
      coordinator,
      processor0: processorThread(0),
      processor1: processorThread(1),
      writer,
      main: main('processor0', 'processor1', 'writer'),
    },
    {
      processors: 2,
      drainAt: START + 2,
      end: START + 2,
      long: { search: 'pct', preemptions: undefined, samples: 10_000 },
      longOnly: true,
    },
  ),
  flow(
    'a producer to a writer through all threads',
    {
      coordinator: (f) => f.coordinator().cycle.doWork(),
      processor: processorTo(START + 2),
      writer: writerOf(2),
      producer: (f) => f.publisher!().advance(2),
    },
    { ring: 1, end: START + 2 },
  ),
  flow(
    'two events through all threads, and the end of the source',
    { coordinator, processor: processorThread(0), writer, main: produce(2, 'processor', 'writer') },
    { ring: 1, end: START + 2, long: { search: 'pct', preemptions: undefined, samples: 20_000 }, longOnly: true },
  ),
];

export const flows = [...tickets, ...input, ...output, ...ends, ...whole];
