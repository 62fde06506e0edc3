import { type Codec, codecFromSchema, u8 } from '@millrace/codec';
import { EventRingProducer, EventRingReader, LaneConsumer } from 'native-free-rings';
import { TicketFollower } from '../order/ticket-follower.ts';
import { ackedCursor, drainedCursor } from '../order/ticket-log-descriptor.ts';
import { BATCH_OPTIONS } from '../thread/batch-rule.ts';
import { CAUSES } from '../thread/causes.ts';
import { WriterCheckpoint, type WriterNote } from '../thread/checkpoints.ts';
import { COMMIT_OPTIONS } from '../thread/commit-rule.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, MAIN, WRITER } from '../thread/control-block.ts';
import { COUNTER, Counters } from '../thread/counters.ts';
import { describeParts } from '../thread/declaration.ts';
import { MillraceError } from '../thread/errors.ts';
import { runHosted } from '../thread/hosted-loop.ts';
import { ItemOrigins } from '../thread/item-origins.ts';
import type { ModuleRef, ThreadTask } from '../thread/messages.ts';
import { Parker } from '../thread/parker.ts';
import { pauseFor } from '../thread/pause.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { type HostPort, loadExport, runDispose, runInit, runToTheEnd } from '../thread/thread-main.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { wakeEverybody } from '../thread/wake-everybody.ts';
import { isWriter, type Progress, WRITER_PARTS, type WriterDefinition } from './definition.ts';
import type { DeliveryParts } from './delivery.ts';
import {
  type Destination,
  expectGrant,
  type UserDestination,
  userDestination,
  type WritingOptions,
} from './destination.ts';
import { dryRun, warmUpWrite } from './dry-run.ts';
import { laneBatch, laneViews } from './item-batches.ts';
import { ringDestination } from './ring-destination.ts';
import { WriterCycle } from './writer-cycle.ts';

/** What else than its codec has to be alike for the writer's successor. */
const PARTS = [
  ...BATCH_OPTIONS,
  'demand',
  'init',
  'warmUp',
  'write',
  'commit',
  ...COMMIT_OPTIONS,
  'close',
  'dispose',
] as const satisfies readonly (keyof WriterDefinition<unknown>)[];

type Definition = WriterDefinition<unknown>;

/** A writer thread: with a module of the user's, or without one into the destination ring. */
export async function writerLife(task: ThreadTask, port: HostPort): Promise<void> {
  const { module } = task;
  const definition = module === undefined ? undefined : await loadExport(module, isWriter, 'writer', WRITER_PARTS);
  const parts = definition === undefined ? {} : describeParts(definition, PARTS);
  port.send({ type: 'loaded', declaration: { input: definition?.input?.schema, output: undefined, parts } });
  const start = await port.receive();
  if (start?.type !== 'start') return;
  const { plan } = start;
  const takeOver = start.succeeds !== undefined;
  const parker = writerParker(plan);
  const { destination, stands } =
    definition === undefined
      ? { destination: blockingRing(plan, parker, takeOver), stands: undefined }
      : await openDestination(plan, definition, module as ModuleRef);
  const cycle = makeWriter(plan, destination, parker, {
    pause: (ms) => pauseFor(new Control(plan.control), WRITER, ms),
    deadLetter: (letter) => port.deadLetter(letter),
    recompute: (processor) => port.send({ type: 'recompute', processor }),
    closing: () => port.send({ type: 'ending', part: 'close' }),
    takeOver,
    stands,
  });
  await runInit(() => warmUp(plan, definition, start.warmUp), 'writer', 'warm-up');
  port.send({ type: 'ready' });
  await runToTheEnd(
    port,
    () => runHosted(cycle, parker),
    () => runDispose(definition, 'writer', plan.startTimeoutMs),
  );
}

/** `isAsked`: above 0 where the flow's processors are warmed. */
async function warmUp(plan: FlowPlan, definition: Definition | undefined, isAsked: number): Promise<void> {
  if (isAsked > 0) {
    const idle = { pause: async () => {}, deadLetter: async () => {}, recompute() {} };
    dryRun(plan, (scratch) => makeWriter(scratch, userDestination({ write() {} }), writerParker(scratch), idle));
  }
  if (definition !== undefined) await warmUpWrite(plan, definition);
}

export function writerParker(plan: FlowPlan): Parker {
  return new Parker(new Control(plan.control), new Counters(plan.counters, WRITER), WRITER, waitStrategy(plan));
}

/** A user's writer, after its `init`; `stands`: where its store says that it stands. */
export async function openDestination(
  plan: FlowPlan,
  definition: WriterDefinition<unknown>,
  { data, writing }: { readonly data: unknown; readonly writing?: WritingOptions | undefined },
): Promise<{ destination: Destination; stands: Progress | undefined }> {
  expectCommit(definition, writing);
  let destination: UserDestination | undefined;
  let early = 0;
  let stands: Progress | undefined;
  await runInit(async () => {
    const told = await definition.init?.({
      data,
      codec: itemCodec(plan) as Codec<unknown, never> | undefined,
      startAt: ackedCursor(plan.tickets).peek(),
      ready(n) {
        expectGrant(n);
        if (destination === undefined) early += n;
        else destination.ready(n);
      },
    });
    if (told === undefined || told === null) return;
    expectProgress(told);
    stands = told;
  }, 'writer');
  // After `init`, which may have chosen some of it. Methods are called on the definition: a user may say `this`.
  destination = userDestination(definition, writing, stands);
  destination.ready(early);
  return { destination, stands };
}

const itemCodec = (plan: FlowPlan) => (plan.items === undefined ? undefined : codecFromSchema(plan.items));
const isVariable = (plan: FlowPlan): boolean => itemCodec(plan)?.kind !== 'fixed';

/** The destination ring, for a thread that may block until its readers have made room. */
function blockingRing(plan: FlowPlan, parker: Parker, takeOver: boolean): Destination {
  const control = new Control(plan.control);
  const strategy = waitStrategy(plan);
  const isStopping = (): boolean => control.isStopping();
  return ringDestination(
    openRing(plan, takeOver),
    isVariable(plan),
    (ring, records, bytes) => {
      parker.timed(CAUSES.demand, () => ring.waitForRoom(strategy, records, bytes, isStopping, plan.readyAt));
    },
    originsOf(plan),
  );
}

/** The same for a writer on the main thread. */
export function waitingRing(plan: FlowPlan): Destination {
  const control = new Control(plan.control);
  const counters = new Counters(plan.counters, WRITER);
  return ringDestination(
    openRing(plan, false),
    isVariable(plan),
    async (ring, records, bytes) => {
      counters.add(
        COUNTER.parks,
        await ring.waitForRoomAsync(records, bytes, () => control.isStopping(), plan.readyAt),
      );
    },
    originsOf(plan),
  );
}

const originsOf = ({ origins }: FlowPlan): ItemOrigins | undefined => origins && new ItemOrigins(origins);

function openRing(plan: FlowPlan, takeOver: boolean): EventRingProducer {
  if (plan.destination === undefined) throw new MillraceError('BAD_OPTIONS', 'this flow has no destination ring');
  return new EventRingProducer(plan.destination, { takeOver });
}

/** What a writer needs of whoever runs it. */
export interface WriterHost extends Pick<DeliveryParts, 'pause' | 'deadLetter' | 'recompute'> {
  /** Wakes the writer beside its own eventcount, where it does not sleep there. */
  wake?(): void;
  /** The destination's `close` is about to be called. */
  closing?(): void;
  /** It takes the place of a thread that died. */
  readonly takeOver?: boolean;
  /** Where the destination says that it stands. */
  readonly stands?: Progress | undefined;
}

/** Attaches the writer to the flow's memory. */
export function makeWriter(
  plan: FlowPlan,
  destination: Destination,
  parker: Parker,
  { pause, deadLetter, recompute, wake = () => {}, closing = () => {}, takeOver = false, stands }: WriterHost,
): WriterCycle {
  const control = new Control(plan.control);
  const lanes = plan.lanes.map((handle) => new LaneConsumer(handle, { takeOver }));
  // A processor without a codec shows no items, so that any will do.
  const items = itemCodec(plan) ?? u8;
  const checkpoint = new WriterCheckpoint(plan.checkpoints);
  const follower = new TicketFollower(plan.tickets);
  const acked = ackedCursor(plan.tickets);
  const drained = drainedCursor(plan.tickets);
  const source =
    plan.source.ring === undefined
      ? undefined
      : new EventRingReader(plan.source.ring, takeOver ? { takeOver: FLOWS_PLACE } : {});
  const end = destination.peekEnd();
  // A ring has what it shows; of a store what it committed is noted, and of a function what it returned from.
  const from = checkpoint.takeOver((note) => note.destinationEnd <= end);
  if (stands !== undefined) {
    expectStore(from, stands, takeOver);
    // What the store has of the sequence has to come again, all of it.
    if (stands.sequence === from.sequence) from.items = stands.items;
  }
  if (takeOver) {
    // What the thread before this one was about to do after its note is done now, if it did not come to it.
    for (const [i, lane] of lanes.entries()) {
      lane.skipTo(checkpoint.peekLane(i));
      lane.release();
    }
    if (from.sequence > acked.peek()) acked.publish(from.sequence);
    source?.release(from.sequence);
    if (from.laneItems < 0) checkpoint.recall(from.lane, -from.laneItems);
    follower.index = drained.peek();
  }
  const views = laneViews(lanes, items);
  const sleeper = control.eventcount(WRITER);
  const cycle = new WriterCycle({
    follower,
    tickets: Math.floor(follower.capacity / LOG_PART),
    lanes,
    makeBatch: () => laneBatch(views, items),
    blockBytes: plan.blockBytes,
    processors: lanes.map((_, i) => control.eventcount(FIRST_PROCESSOR + i)),
    coordinator: control.eventcount(COORDINATOR),
    main: control.eventcount(MAIN),
    destination,
    checkpoint,
    from,
    acked,
    drained,
    source,
    control,
    counters: new Counters(plan.counters, WRITER),
    parker,
    closeTimeoutMs: plan.startTimeoutMs,
    onNack: plan.onNack,
    pause,
    deadLetter,
    recompute,
    closing,
    wake() {
      sleeper.wakeAny();
      wake();
    },
  });
  if (takeOver) wakeEverybody(plan);
  return cycle;
}

/** Of the ticket log, one part of so many may be read and not drained: it must not fill up. */
const LOG_PART = 2;

/** Options of commits are for a module that commits. */
function expectCommit(definition: WriterDefinition<unknown>, given: WritingOptions | undefined): void {
  const [name] = COMMIT_OPTIONS.filter((option) => given?.[option] !== undefined);
  if (name === undefined || definition.commit !== undefined) return;
  throw new MillraceError(
    'BAD_OPTIONS',
    `write.${name} is for a writer with a \`commit\`, which this module does not have: add one, or leave the option out`,
    { thread: 'writer' },
  );
}

/** The flow's own place among the readers of its source ring. */
const FLOWS_PLACE = 0;

/**
 * A store that knows how far it has come has to be where the flow begins, or in the middle of that sequence; later, where
 * it was told to be, or beyond.
 */
function expectStore(from: WriterNote, stands: Progress, takeOver: boolean): void {
  const isHere = stands.sequence === from.sequence && stands.items >= from.items;
  if (isHere || (takeOver && stands.sequence > from.sequence)) return;
  throw new MillraceError(
    'BAD_OPTIONS',
    `the writer's store has everything below sequence ${stands.sequence} and ${stands.items} items of it, and the flow ` +
      `delivers from sequence ${from.sequence} on: start the pipeline with startAt ${stands.sequence}`,
    { thread: 'writer' },
  );
}

function expectProgress({ sequence, items }: Progress): void {
  if (Number.isSafeInteger(sequence) && sequence >= 0 && Number.isSafeInteger(items) && items >= 0) return;
  throw new MillraceError(
    'BAD_MODULE',
    `init of the writer returned { sequence: ${String(sequence)}, items: ${String(items)} }; return two integers from 0 ` +
      'on, or nothing',
  );
}
