import { i32 } from '@millrace/codec';
import { joinThread } from '@millrace/interleave';
import {
  createEventRing,
  createLane,
  type EventRingHandle,
  EventRingProducer,
  EventRingReader,
  LaneProducer,
} from 'native-free-rings';
import { allocate, compareExchange, notify, viewI32, type Words } from '#atomics';
import { makeCoordinator } from '../../../dist/coordinator/coordinator-plane.js';
import { Publisher } from '../../../dist/flow/publisher.js';
import { TicketClaimer } from '../../../dist/order/ticket-claimer.js';
import { TicketIssuer } from '../../../dist/order/ticket-issuer.js';
import { ARRIVED, createTicketLog } from '../../../dist/order/ticket-log-descriptor.js';
import { processor } from '../../../dist/processor/definition.js';
import { makeProcessor } from '../../../dist/processor/processor-life.js';
import { CAUSES } from '../../../dist/thread/causes.js';
import { createCheckpoints } from '../../../dist/thread/checkpoints.js';
import {
  COORDINATOR,
  Control,
  createControl,
  FIRST_PROCESSOR,
  WorkWord,
  WRITER,
} from '../../../dist/thread/control-block.js';
import { Counters, createCounters } from '../../../dist/thread/counters.js';
import type { DutyCycle } from '../../../dist/thread/duty-cycle.js';
import { Parker } from '../../../dist/thread/parker.js';
import type { FlowPlan } from '../../../dist/thread/plan.js';
import { waitStrategy } from '../../../dist/thread/wait-strategies.js';
import { wakeEverybody } from '../../../dist/thread/wake-everybody.js';
import type { AckParts } from '../../../dist/writer/acknowledger.js';
import type { Progress } from '../../../dist/writer/definition.js';
import { type Destination, userDestination } from '../../../dist/writer/destination.js';
import { ringDestination } from '../../../dist/writer/ring-destination.js';
import { makeWriter } from '../../../dist/writer/writer-life.js';
import { attached, expect } from './attached.ts';
import { ownCheckpoints, ownControl, ownEventRing, ownLane, ownTicketLog } from './owners.ts';

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
Control.prototype.showBegan = () => {};
Control.prototype.showArrival = () => {};
Control.prototype.showPublished = () => {};
WorkWord.prototype.show = () => {};
TicketClaimer.prototype.isPublished = () => true;

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
  /** Records that each lane has entries for. Default: what a lane of that size has. */
  readonly laneRecords?: number;
  /** Bytes of items that a run has at most. Default 16. */
  readonly batchBytes?: number;
  /** Bytes of items that the writer takes at once at most. Default 16. */
  readonly blockBytes?: number;
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
  /** The source ring has events: each is its own sequence. Default: bare sequences. */
  readonly events?: boolean;
  /** A processor that has `computed` died when it had taken the ticket of this sequence, and another one went on. */
  readonly diedAt?: number;
  /** Processors that have `computed` took tickets in turns; else the first one took all. */
  readonly inTurns?: boolean;
  /** Name of a thread that only waits for room in lane 0, after a processor that has `computed`. */
  readonly sleeper?: string;
  /** Events that are published when the threads begin. */
  readonly published?: number;
  /** How often a batch may be refused. Default 0. */
  readonly nacks?: number;
  /** Takes the items, in place of a list that the writer returns; made anew for each writer. */
  readonly write?: (store: Words, ready: (n: number) => void) => DestinationParts;
  /** Items that such a writer has granted when it begins. */
  readonly credit?: number;
  /** The user's code, in place of one that emits `items`. */
  readonly process?: Process;
  /**
   * Processors that are not successors have the output of a thread with one lane, which ends runs by itself. For some thousands of
   * executions only: its class is made anew for each (docs/internals/hot-paths.md, rule 4).
   */
  readonly isOnly?: boolean;
  /** How often an event that throws is tried again. Default 0. */
  readonly attempts?: number;
  /** Events that arrive before processors have `computed`: so many, and when those are computed, so many more. */
  readonly arrives?: readonly number[];
}

/** `store` is the word array of the user's stores, which outlives threads. */
export type Process = (sequence: number, output: ClaimOutput<number>, store: Words) => void;
/** What `process` gets where items are numbers. */
interface ClaimOutput<Item> {
  readonly items: Item[];
  readonly begin: number;
  emit(item: Item): void;
  claim(n: number): number;
  commit(n: number): void;
}

type Parts = Parameters<typeof userDestination>[0];
export interface DestinationParts extends Parts {
  /** Where the store stands, if it says so. */
  readonly stands?: Progress;
}

/** Whose part each thread of a model plays, by their names: nobody may write the words of a part that nobody plays. */
export interface Cast {
  readonly threads: readonly string[];
  /** Which thread does what the main thread does. */
  readonly host: string;
  /** By thread: those that play its part when it has died, in this order. */
  readonly heirs?: Readonly<Record<string, readonly string[]>>;
}

function ownFlow(plan: FlowPlan, { threads, host, heirs = {} }: Cast): void {
  const present = (...names: string[]) =>
    names.flatMap((name) => [name, ...(heirs[name] ?? [])]).filter((name) => threads.includes(name));
  const place = (part: readonly string[]) => (part.length === 1 ? part : [part]);
  const main = present(host);
  const coordinator = present('coordinator');
  const writer = present('writer');
  const processors = plan.lanes.map((_, i) => present('processor', `processor${i}`, 'sleeper'));
  const publisher = threads.includes('producer') ? ['producer'] : main;
  ownControl(plan.control, main, [coordinator, writer, main, ...processors]);
  ownTicketLog(plan.tickets, { coordinator, writer, processors });
  ownCheckpoints(plan.checkpoints, writer, processors);
  for (const [i, lane] of plan.lanes.entries()) ownLane(lane, processors[i]!, writer);
  if (plan.source.ring !== undefined) ownEventRing(plan.source.ring, publisher, place(writer));
  if (plan.destination !== undefined) ownEventRing(plan.destination, place(writer), present('reader'));
}

/** Starts below 2^31 where sequences wrap, and below the wrap of the lanes. */
export const START = 2 ** 31 - 2;

function planFlow({
  processors = 1,
  start = START,
  ring,
  laneBytes = 64,
  laneRecords,
  batchBytes = 16,
  blockBytes = 16,
  tickets = 4,
  destination,
  events = false,
  nacks = 0,
  attempts = 0,
}: FlowShape): FlowPlan {
  return {
    name: 'model',
    control: createControl(processors, start),
    counters: createCounters(FIRST_PROCESSOR + processors),
    tickets: createTicketLog(start, tickets),
    checkpoints: createCheckpoints(processors, start, LANE_START),
    lanes: Array.from({ length: processors }, () =>
      createLane({ capacityBytes: laneBytes, records: laneRecords, align: i32.align, start: LANE_START }),
    ),
    source: {
      ring:
        ring === undefined
          ? undefined
          : createEventRing({ capacity: ring, readers: 1, start, slotBytes: events ? 4 : 0 }),
      events: events ? i32.schema : undefined,
    },
    destination:
      destination === undefined ? undefined : createEventRing({ capacity: destination, slotBytes: 4, readers: 1 }),
    origins: undefined,
    readyAt: undefined,
    items: i32.schema,
    wait: 'park',
    busyThreads: processors + 1,
    cores: 1,
    ticketMs: 1,
    batchBytes,
    blockBytes,
    startTimeoutMs: 0,
    laneBytes,
    onError: { ...NEVER_AGAIN, attempts },
    onNack: { ...NEVER_AGAIN, attempts: nacks },
  };
}

const NEVER_AGAIN = { attempts: 0, delayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0, otherwise: 'stop' } as const;
/** Whoever tries again does so at once, and nothing is given up. */
const FAILURES = {
  pause: () => Promise.resolve(),
  deadLetter: () => Promise.reject(new Error('a dead letter')),
};
export const LANE_START = 2 ** 31 - 32;

/** Item `index` of a sequence, as 32 bits. */
export const itemOf = (sequence: number, index: number): number => (sequence << 5) | index | 0;

/** `computed`: processors have done all that they could, and ended, before the threads begin. */
export function setupFlow(shape: FlowShape, cast: Cast, computed = false) {
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
  const store = viewI32(allocate(STORE_WORDS * 4));
  const emitAll: Process = (sequence, output) => {
    const count = items(sequence);
    for (let i = 0; i < count; i++) output.emit(itemOf(sequence, i));
  };
  const { process = emitAll } = shape;
  const definition = processor<number, number>({
    output: i32,
    process(event, output) {
      const { sequence } = output as unknown as { sequence: number };
      expect((event | 0) === (sequence | 0), `event ${event} at sequence ${sequence}`);
      process(sequence, output as unknown as ClaimOutput<number>, store);
    },
  });
  const recalls = viewI32(allocate(8));
  const writer = (takeOver = false) => {
    const received: number[] = [];
    const own = parker(WRITER);
    let grant = (_n: number): void => {};
    const parts: DestinationParts = shape.write?.(store, (n) => grant(n)) ?? collecting(received);
    const { stands } = parts;
    const user = userDestination(
      {
        ...parts,
        write(batch) {
          // I8: nothing is acknowledged that is not delivered.
          const acked = ackedBy(cycle);
          expect(acked <= batch.sequence, `${acked} is acknowledged, ${batch.sequence} is being delivered`);
          return parts.write.call(this, batch);
        },
      },
      undefined,
      stands,
    );
    grant = (n) => user.ready(n);
    grant(shape.credit ?? 0);
    const destination = plan.destination === undefined ? user : blockingRing(plan, own, plan.destination, takeOver);
    const recompute = (): void => tell(recalls, RECALLED);
    const host = { ...FAILURES, recompute, takeOver, stands };
    const cycle = makeWriter(plan, destination, own, host);
    return { cycle, parker: own, received, parts };
  };
  const processorThread = (index: number, succeeds?: { poison: undefined }, waitForRoom?: () => never) => {
    const own = parker(FIRST_PROCESSOR + index);
    const sleep = (look: () => boolean, wanted: number) => own.waitUntil(look, CAUSES.room, wanted);
    const isOnly = shape.isOnly === true && succeeds === undefined;
    const host = { waitForRoom: waitForRoom ?? sleep, ...FAILURES, succeeds, isOnly };
    return { cycle: makeProcessor(definition as never, plan, index, host), parker: own };
  };
  const publisher =
    plan.source.ring &&
    new Publisher<number>(
      plan.source.ring,
      shape.events ? (i32 as never) : undefined,
      plan.tickets,
      new Control(plan.control),
    );
  const coordinatorThread = () => ({ cycle: makeCoordinator(plan), parker: parker(COORDINATOR) });
  /** What is made in a body, by the thread itself. */
  const inBody = <T>(make: () => T): T => {
    clock.now = 0;
    clock.tick = tickMs;
    return make();
  };
  for (let i = 0; i < (shape.published ?? 0); i++) publisher!.tryPublish(((shape.start ?? START) + i) | 0);
  if (computed && shape.inTurns) {
    const cycles = plan.lanes.map((_, index) => processorThread(index, undefined, diesInEmit).cycle);
    const works = (cycle: DutyCycle): boolean => !cycle.done && cycle.doWork() !== 0;
    while (cycles.map(works).some(Boolean));
  } else if (computed && shape.arrives !== undefined) {
    const { cycle } = processorThread(0, undefined, diesInEmit);
    let next = shape.start ?? START;
    for (const count of shape.arrives) {
      for (let i = 0; i < count; i++) publisher!.tryPublish(next++ | 0);
      compute(cycle);
    }
  } else if (computed) {
    plan.lanes.forEach((_, index) => {
      const { cycle } = processorThread(index, undefined, diesInEmit);
      const own = cycle as unknown as { sequence: number; takeTicket(): boolean };
      compute(cycle, () => own.sequence >= (shape.diedAt ?? Number.POSITIVE_INFINITY));
      if (shape.diedAt === undefined) return;
      own.takeTicket();
      compute(processorThread(index, { poison: undefined }, diesInEmit).cycle);
    });
  }
  const flow = {
    plan,
    control: ready(new Control(plan.control)),
    store,
    recalls,
    coordinator: ready(coordinatorThread()),
    processors: computed ? [] : Array.from({ length: processors }, (_, index) => ready(processorThread(index))),
    writer: ready(writer()),
    /** Threads that take the place of dead ones: to be called in their bodies. */
    successor: {
      processor: (index: number) => inBody(() => processorThread(index, { poison: undefined })),
      writer: () => inBody(() => writer(true)),
      coordinator: () =>
        inBody(() => {
          const own = coordinatorThread();
          wakeEverybody(plan);
          return own;
        }),
    },
    sleeper:
      shape.sleeper === undefined
        ? undefined
        : ready({ parker: parker(FIRST_PROCESSOR), lane: new LaneProducer(plan.lanes[0]!, { takeOver: true }) }),
    reader: plan.destination === undefined ? undefined : ready(new EventRingReader(plan.destination)),
    publisher: publisher && ready(publisher),
  };
  ownFlow(plan, cast);
  return flow;
}
export type Flow = ReturnType<typeof setupFlow>;

/** Where the publish cursor stands, by what its owner knows of it: no step. */
export const ackedBy = (writer: DutyCycle): number =>
  (writer as unknown as { readonly acks: { readonly parts: Pick<AckParts, 'acked'> } }).acks.parts.acked.peek();

const collecting = (received: number[]): DestinationParts => ({
  write(batch) {
    for (const item of batch) received.push(item as number);
  },
});

const STORE_WORDS = 96;

/** What the word `recalls` says of a processor that the writer may have recalled. */
export const RECALLED = 1;
export const NOT_RECALLED = 2;

/** Lets whoever waits for the word know, once: what comes later changes nothing. */
export function tell(words: Words, value: number): void {
  compareExchange(words, 0, 0, value);
  notify(words, 0);
}

/** As writer-life.ts makes it for a writer thread without a module. */
function blockingRing(plan: FlowPlan, parker: Parker, handle: EventRingHandle, takeOver: boolean): Destination {
  const control = new Control(plan.control);
  const isStopping = () => control.isStopping();
  return ringDestination(new EventRingProducer(handle, { takeOver }), false, (ring, records, bytes) =>
    parker.timed(CAUSES.demand, () => ring.waitForRoom(waitStrategy(plan), records, bytes, isStopping)),
  );
}

interface Thread {
  readonly cycle: DutyCycle;
  readonly parker: Parker;
}

/** All that a duty cycle has to do and can do without waiting. */
function compute(cycle: DutyCycle, until: () => boolean = () => false): void {
  try {
    while (!cycle.done && !until()) {
      const work = cycle.doWork();
      if (typeof work !== 'number') throw madePromise(work);
      if (work === 0) return;
    }
  } catch (error) {
    if ((error as Error).cause !== IN_EMIT) throw error;
  }
}

const IN_EMIT = new Error('ended where it would have slept in emit');
const diesInEmit = (): never => {
  throw IN_EMIT;
};

/** The checker ends a body by an exception; one in the destination's code is made into a promise that nobody awaits. */
function madePromise(work: Promise<number>): Error {
  work.catch(() => {});
  return new Error('a duty cycle made a promise (a destination threw?): only runThreadAsync can wait for it');
}

/** `runHosted` of hosted-loop.ts, for duty cycles that make no promises, without the turns of an event loop. */
export function runThread({ cycle, parker }: Thread, until: () => boolean = () => false): void {
  while (!cycle.done && !until()) {
    const work = cycle.doWork();
    if (typeof work !== 'number') throw madePromise(work);
    if (work === 0 && !cycle.done && !until()) parker.park(cycle);
  }
}

/** The same for duty cycles that wait for promises (that need no time). */
export async function runThreadAsync({ cycle, parker }: Thread): Promise<void> {
  while (!cycle.done) {
    const work = cycle.doWork();
    if ((typeof work === 'number' ? work : await work) === 0 && !cycle.done) parker.park(cycle);
  }
}

/** What a duty cycle that nobody has played does in the end, with nobody beside it (not in a body). */
export function runToEnd({ cycle }: Thread): void {
  compute(cycle);
  expect(cycle.done, `the ${cycle.roleName} waits for what never comes`);
}

/** What flow.drain does when the threads have ended by themselves. */
export function stopWhenEnded(flow: Flow, threads: readonly string[]): void {
  for (const thread of threads) joinThread(thread);
  flow.control().stop();
}
