import { getPriority, setPriority } from 'node:os';
import { codecFromSchema } from '@millrace/codec';
import { LaneProducer, openEventRing } from 'native-free-rings';
import { TicketClaimer } from '../order/ticket-claimer.ts';
import { ackedCursor } from '../order/ticket-log-descriptor.ts';
import { CAUSES } from '../thread/causes.ts';
import { ProcessorCheckpoint } from '../thread/checkpoints.ts';
import { Clock } from '../thread/clock.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { Counters } from '../thread/counters.ts';
import { describeParts } from '../thread/declaration.ts';
import { runHosted } from '../thread/hosted-loop.ts';
import type { ModuleRef, Succession, ThreadTask } from '../thread/messages.ts';
import { Parker } from '../thread/parker.ts';
import { pauseFor } from '../thread/pause.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { type HostPort, loadExport, runDispose, runInit, runToTheEnd } from '../thread/thread-main.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { wakeEverybody } from '../thread/wake-everybody.ts';
import { isProcessor, PROCESSOR_PARTS, type ProcessorDefinition } from './definition.ts';
import { laneOutput } from './item-outputs.ts';
import type { Outlet } from './lane-output.ts';
import { ProcessorCycle, type ProcessorParts } from './processor-cycle.ts';
import { sourceView } from './source-view.ts';
import { WriterBell } from './writer-bell.ts';

/** What else than its codecs has to be alike on every thread. */
const PARTS = ['init', 'interested', 'process', 'warmUp', 'dispose'] as const satisfies readonly (keyof Definition)[];

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** A processor thread from loading the user's module to its last ticket. */
export async function processorLife(task: ThreadTask, port: HostPort): Promise<void> {
  const module = task.module as ModuleRef;
  const definition: Definition = await loadExport(module, isProcessor, 'processor', PROCESSOR_PARTS);
  const parts = describeParts(definition, PARTS);
  port.send({
    type: 'loaded',
    declaration: { input: definition.input?.schema, output: definition.output?.schema, parts },
  });
  const start = await port.receive();
  if (start?.type !== 'start') return;
  const { plan, index } = start;
  const who = `processor ${index}`;
  beNicer(start.nice);
  await runInit(() => definition.init?.({ data: module.data, thread: index, threads: plan.lanes.length }), who);
  const parker = makeParker(plan, index);
  const host: ProcessorHost = {
    isOnly: true,
    clock: parker.clock,
    waitForRoom: (look, wanted) => parker.waitUntil(look, CAUSES.room, wanted),
    deadLetter: (letter) => port.deadLetter(letter),
    pause: (ms) => pauseFor(new Control(plan.control), FIRST_PROCESSOR + index, ms),
    succeeds: start.succeeds,
  };
  const cycle = await runInit(() => makeProcessor(definition, plan, index, host), who);
  const first = ackedCursor(plan.tickets).peek();
  await runInit(() => cycle.warmUp(first, first + start.warmUp), who, 'warm-up');
  port.send({ type: 'ready' });
  await runToTheEnd(
    port,
    () => runHosted(cycle, parker),
    () => runDispose(definition, who, plan.startTimeoutMs),
  );
}

/** Raises the niceness of this thread, where threads have one of their own. */
function beNicer(by: number): void {
  if (by === 0 || process.platform !== 'linux') return;
  try {
    setPriority(Math.min(getPriority() + by, LEAST_PRIORITY));
  } catch {
    // A sandbox may forbid it. It is no more than a wish: who runs first, not what is computed.
  }
}
const LEAST_PRIORITY = 19;

function makeParker(plan: FlowPlan, index: number): Parker {
  const thread = FIRST_PROCESSOR + index;
  return new Parker(new Control(plan.control), new Counters(plan.counters, thread), thread, waitStrategy(plan));
}

/** What a processor needs of whoever runs it. */
export interface ProcessorHost extends Pick<ProcessorParts, 'pause' | 'deadLetter'> {
  /** No other processor ever runs on this thread. */
  readonly isOnly?: boolean;
  /** The clock of its thread. */
  readonly clock?: Clock;
  /** Waits until `look` is true; the head of its lane wakes it. */
  waitForRoom(look: () => boolean, wanted: number): void;
  /** Set where it takes the place of a thread that died. */
  readonly succeeds?: Succession | undefined;
}

/** A destination ring whose items vary in length takes no item that is larger than half of its data. */
function mostItemBytes({ destination }: FlowPlan): number | undefined {
  const dataBytes = destination === undefined ? 0 : openEventRing(destination).dataBytes;
  return dataBytes > 0 ? dataBytes >> 1 : undefined;
}

/** Attaches processor `index` to the flow's memory. */
export function makeProcessor(
  definition: Definition,
  plan: FlowPlan,
  index: number,
  host: ProcessorHost,
): ProcessorCycle {
  const cycle = new ProcessorCycle(attach(definition, plan, index, host), () => {
    const parts = attach(definition, plan, index, { ...host, isOnly: false, succeeds: { poison: undefined } });
    wakeEverybody(plan);
    return parts;
  });
  if (host.succeeds !== undefined) wakeEverybody(plan);
  return cycle;
}

/** What a processor works with; where it succeeds another one, from what that one has left in shared memory. */
function attach(
  definition: Definition,
  plan: FlowPlan,
  index: number,
  { isOnly = false, clock = new Clock(), waitForRoom, pause, deadLetter, succeeds }: ProcessorHost,
): ProcessorParts {
  const control = new Control(plan.control);
  const takeOver = succeeds !== undefined;
  const lane = new LaneProducer(plan.lanes[index]!, { takeOver });
  const checkpoint = new ProcessorCheckpoint(plan.checkpoints, index);
  const claimer = new TicketClaimer(plan.tickets, index);
  if (takeOver) {
    const from = checkpoint.takeOver(lane.peekTail()) ?? ackedCursor(plan.tickets).peek();
    control.showWaiting(FIRST_PROCESSOR + index, CAUSES.none);
    control.work(FIRST_PROCESSOR + index).show(from - 1);
    claimer.resume(from);
  }
  const counters = new Counters(plan.counters, FIRST_PROCESSOR + index);
  const bell = new WriterBell(control, index, lane, counters, clock);
  const outlet: Outlet = {
    lane,
    control,
    checkpoint,
    batchBytes: plan.batchBytes,
    mostItemBytes: mostItemBytes(plan),
    isOnly,
    isChecked: definition.checked === true,
    runFilled() {
      clock.read();
      bell.shown();
    },
    waitForRoom(bytes) {
      const wanted = lane.wantedHead(bytes, lane.capacity >> 3);
      let isTold = false;
      const look = (): boolean => {
        if (control.isStopping() || lane.hasRoom(bytes)) return true;
        // At the first look the thread shows already that it waits: so the writer knows what it is woken for.
        if (!isTold) bell.ring();
        isTold = true;
        return false;
      };
      waitForRoom(look, wanted);
    },
  };
  const { ring, events } = plan.source;
  return {
    index,
    definition,
    claimer,
    source: sourceView(ring, events === undefined ? undefined : codecFromSchema(events)),
    output: laneOutput(definition.output, outlet),
    nextOutput: () => laneOutput(definition.output, { ...outlet, isOnly: false }),
    control,
    counters,
    clock,
    at: control.work(FIRST_PROCESSOR + index),
    position: control.position(FIRST_PROCESSOR + index),
    bell,
    coordinator: control.eventcount(COORDINATOR),
    onError: plan.onError,
    pause,
    deadLetter,
    succeeds,
  };
}
