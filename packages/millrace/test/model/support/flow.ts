import { i32 } from '@millrace/codec';
import { joinThread } from '@millrace/interleave';
import {
  createEventRing,
  createLane,
  type EventRingHandle,
  EventRingProducer,
  EventRingReader,
} from 'native-free-rings';
import { makeCoordinator } from '../../../dist/coordinator/coordinator-plane.js';
import { Publisher } from '../../../dist/flow/publisher.js';
import { TicketIssuer } from '../../../dist/order/ticket-issuer.js';
import { ARRIVED, createTicketLog } from '../../../dist/order/ticket-log-descriptor.js';
import { processor } from '../../../dist/processor/definition.js';
import { makeProcessor } from '../../../dist/processor/processor-life.js';
import { CAUSES } from '../../../dist/thread/causes.js';
import { createCheckpoints } from '../../../dist/thread/checkpoints.js';
import { COORDINATOR, Control, createControl, FIRST_PROCESSOR, WRITER } from '../../../dist/thread/control-block.js';
import { Counters, createCounters } from '../../../dist/thread/counters.js';
import type { DutyCycle } from '../../../dist/thread/duty-cycle.js';
import { Parker } from '../../../dist/thread/parker.js';
import type { FlowPlan } from '../../../dist/thread/plan.js';
import { waitStrategy } from '../../../dist/thread/wait-strategies.js';
import { type Destination, FunctionDestination } from '../../../dist/writer/destination.js';
import { ringDestination } from '../../../dist/writer/ring-destination.js';
import { makeWriter } from '../../../dist/writer/writer-life.js';
import { attached } from './attached.ts';
import { ownControl, ownEventRing, ownLane, ownTicketLog } from './owners.ts';

/**
 * Whole flows as models: the real duty cycles and parkers over the real memory plan, with small lanes and logs.
 *
 * Left out are the counters, which are read while they are written, on purpose (`thread/counters.ts`), and the words that
 * show for what a thread waits: no protocol reads either. The clock is the model's, since a body has to do the same when it
 * is run again: it stands still, or goes on by `tickMs` whenever a thread looks at it.
 */
Counters.prototype.add = () => {};
Counters.prototype.get = () => 0;
Control.prototype.showWaiting = () => {};

const clock = { now: 0, tick: 0 };
performance.now = () => {
  clock.now += clock.tick;
  return clock.now;
};

/** Attached before the threads begin; the thread's clock starts with it. */
function atTick<T extends object>(tickMs: number, handles: T): () => T {
  const fresh = attached(handles);
  return () => {
    clock.now = 0;
    clock.tick = tickMs;
    return fresh();
  };
}

export interface FlowShape {
  readonly processors?: number;
  readonly start?: number;
  /** Capacity of the source ring of bare sequences. Left out: all sequences are there. */
  readonly ring?: number;
  readonly laneBytes?: number;
  /** Entries of the ticket log. */
  readonly tickets?: number;
  /** The source ends here, already when the threads begin. */
  readonly drainAt?: number;
  /** Lengths of the tickets that are in the log when the threads begin, for flows without a coordinator. */
  readonly issued?: readonly number[];
  /** Items of each event. Default 1. */
  readonly items?: (sequence: number) => number;
  /** How much later it is at each look at the clock. Default 0. */
  readonly tickMs?: number;
  /** Capacity of the destination ring. Left out: a function takes the items. */
  readonly destination?: number;
}

/** Whose part each thread of a model plays, by their names: nobody may write the words of a part that nobody plays. */
export interface Cast {
  readonly threads: readonly string[];
  /** Which thread does what the main thread does. */
  readonly host: string;
}

function ownFlow(plan: FlowPlan, { threads, host }: Cast): void {
  const present = (...names: string[]) => names.filter((name) => threads.includes(name));
  const main = present(host);
  const coordinator = present('coordinator');
  const writer = present('writer');
  const processors = plan.lanes.map((_, i) => present('processor', `processor${i}`));
  const publisher = threads.includes('producer') ? ['producer'] : main;
  ownControl(plan.control, main, [coordinator, writer, main, ...processors]);
  ownTicketLog(plan.tickets, { coordinator, writer, processors: processors.map((names) => names[0] ?? '') });
  for (const [i, lane] of plan.lanes.entries()) ownLane(lane, processors[i]!, writer);
  if (plan.source.ring !== undefined) ownEventRing(plan.source.ring, publisher, writer);
  if (plan.destination !== undefined) ownEventRing(plan.destination, writer, ['reader']);
}

/** Starts below 2^31 where sequences wrap, and below the wrap of the lanes. */
export const START = 2 ** 31 - 2;

function planFlow({
  processors = 1,
  start = START,
  ring,
  laneBytes = 64,
  tickets = 4,
  destination,
}: FlowShape): FlowPlan {
  return {
    name: 'model',
    control: createControl(processors, start),
    counters: createCounters(FIRST_PROCESSOR + processors),
    tickets: createTicketLog(start, tickets),
    checkpoints: createCheckpoints(processors, start, LANE_START),
    lanes: Array.from({ length: processors }, () => createLane({ capacityBytes: laneBytes, start: LANE_START })),
    source: {
      ring: ring === undefined ? undefined : createEventRing({ capacity: ring, readers: 1, start }),
      events: undefined,
    },
    destination: destination === undefined ? undefined : createEventRing({ capacity: destination, slotBytes: 4 }),
    items: i32.schema,
    wait: 'park',
    busyThreads: processors + 1,
    cores: 1,
    ticketMs: 1,
    batchBytes: 16,
    laneBytes,
    onError: NEVER_AGAIN,
    onNack: NEVER_AGAIN,
  };
}

const NEVER_AGAIN = { attempts: 0, delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0, otherwise: 'stop' } as const;
/** Nothing fails and nothing is refused here. */
const NO_FAILURES = {
  pause: () => Promise.reject(new Error('a pause')),
  deadLetter: () => Promise.reject(new Error('a dead letter')),
};
const LANE_START = 2 ** 31 - 32;

/** Item `index` of a sequence, as 32 bits. */
export const itemOf = (sequence: number, index: number): number => (sequence << 4) | index | 0;

export function setupFlow(shape: FlowShape, cast: Cast) {
  clock.now = 0;
  clock.tick = 0;
  const plan = planFlow(shape);
  const { items = () => 1, processors = 1, drainAt, issued = [], tickMs = 0 } = shape;
  const ready = <T extends object>(handles: T) => atTick(tickMs, handles);
  if (drainAt !== undefined) new Control(plan.control).drain(drainAt);
  const issuer = new TicketIssuer(plan.tickets);
  const arrived = plan.source.ring === undefined ? ARRIVED : 0;
  for (const length of issued) issuer.issue(length, arrived);
  issuer.publish();
  const parker = (thread: number) =>
    new Parker(new Control(plan.control), new Counters(plan.counters, thread), thread, waitStrategy(plan));
  const definition = processor<number, number>({
    output: i32,
    process(sequence, output) {
      const count = items(sequence);
      for (let i = 0; i < count; i++) output.emit(itemOf(sequence, i));
    },
  });
  const writer = () => {
    const received: number[] = [];
    const own = parker(WRITER);
    const destination =
      plan.destination === undefined ? collecting(received) : blockingRing(plan, own, plan.destination);
    return { cycle: makeWriter(plan, destination, own, { ...NO_FAILURES, recompute() {} }), parker: own, received };
  };
  const processorThread = (index: number) => {
    const own = parker(FIRST_PROCESSOR + index);
    const waitForRoom = (look: () => boolean, wanted: number) => own.waitUntil(look, CAUSES.room, wanted);
    return { cycle: makeProcessor(definition as never, plan, index, { waitForRoom, ...NO_FAILURES }), parker: own };
  };
  const flow = {
    plan,
    control: ready(new Control(plan.control)),
    coordinator: ready({ cycle: makeCoordinator(plan), parker: parker(COORDINATOR) }),
    processors: Array.from({ length: processors }, (_, index) => ready(processorThread(index))),
    writer: ready(writer()),
    reader: plan.destination === undefined ? undefined : ready(new EventRingReader(plan.destination)),
    publisher:
      plan.source.ring === undefined
        ? undefined
        : ready(new Publisher<number>(plan.source.ring, undefined, plan.tickets, new Control(plan.control))),
  };
  ownFlow(plan, cast);
  return flow;
}
export type Flow = ReturnType<typeof setupFlow>;

function collecting(received: number[]): Destination {
  return new FunctionDestination({
    write(batch) {
      for (const item of batch) received.push(item as number);
    },
  });
}

/** As writer-life.ts makes it for a writer thread without a module. */
function blockingRing(plan: FlowPlan, parker: Parker, handle: EventRingHandle): Destination {
  const control = new Control(plan.control);
  const isStopping = () => control.isStopping();
  return ringDestination(new EventRingProducer(handle), false, (ring, records, bytes) =>
    parker.timed(CAUSES.demand, () => ring.waitForRoom(waitStrategy(plan), records, bytes, isStopping)),
  );
}

interface Thread {
  readonly cycle: DutyCycle;
  readonly parker: Parker;
}

/** `runBlocking`, without the promises that no duty cycle of these models makes. */
export function runThread({ cycle, parker }: Thread, until: () => boolean = () => false): void {
  while (!cycle.done && !until()) if (cycle.doWork() === 0 && !cycle.done) parker.park(cycle);
}

/** What flow.drain does when the threads have ended by themselves. */
export function stopWhenEnded(flow: Flow, threads: readonly string[]): void {
  for (const thread of threads) joinThread(thread);
  flow.control().stop();
}
