import { codecFromSchema } from '@millrace/codec';
import { EventRingProducer, EventRingReader, LaneConsumer } from 'native-free-rings';
import { TicketFollower } from '../order/ticket-follower.ts';
import { ackedCursor, drainedCursor } from '../order/ticket-log-descriptor.ts';
import { CAUSES } from '../thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, MAIN, WRITER } from '../thread/control-block.ts';
import { Counters } from '../thread/counters.ts';
import { MillraceError } from '../thread/errors.ts';
import type { ModuleRef, ThreadTask } from '../thread/messages.ts';
import { Parker, runBlocking } from '../thread/parker.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { type HostPort, loadExport, runInit } from '../thread/thread-main.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { laneBatch } from './batch.ts';
import { isWriter } from './definition.ts';
import { type Destination, FunctionDestination } from './destination.ts';
import { ringDestination } from './ring-destination.ts';
import { WriterCycle } from './writer-cycle.ts';

/** A writer thread: with a module of the user's, or without one into the destination ring. */
export async function writerLife(task: ThreadTask, port: HostPort): Promise<void> {
  const { module } = task;
  const definition = module === undefined ? undefined : await loadExport(module, isWriter, 'writer');
  port.send({ type: 'loaded', input: definition?.input.schema, output: undefined });
  const start = await port.receive();
  if (start?.type !== 'start') return;
  const { plan } = start;
  await runInit(() => definition?.init?.({ data: (module as ModuleRef).data }), 'writer');
  const parker = writerParker(plan);
  const destination =
    definition === undefined
      ? blockingRing(plan, parker)
      : new FunctionDestination(definition.write.bind(definition), definition.close?.bind(definition));
  const cycle = makeWriter(plan, destination, parker);
  port.send({ type: 'ready' });
  if ((await port.receive())?.type !== 'go') return;
  await runBlocking(cycle, parker);
}

export function writerParker(plan: FlowPlan): Parker {
  return new Parker(new Control(plan.control), new Counters(plan.counters, WRITER), WRITER, waitStrategy(plan));
}

/** The destination ring, for a thread that may block until its readers have made room. */
function blockingRing(plan: FlowPlan, parker: Parker): Destination {
  const control = new Control(plan.control);
  const strategy = waitStrategy(plan);
  return ringDestination(openRing(plan), plan.items === undefined || codecFromSchema(plan.items).kind === 'variable', {
    isStopping: () => control.isStopping(),
    wait(ring, records, bytes) {
      parker.timed(CAUSES.demand, () => ring.waitForRoom(strategy, records, bytes, () => control.isStopping()));
    },
  });
}

/** The same for a writer on the main thread. */
export function waitingRing(plan: FlowPlan): Destination {
  const control = new Control(plan.control);
  return ringDestination(openRing(plan), plan.items === undefined || codecFromSchema(plan.items).kind === 'variable', {
    isStopping: () => control.isStopping(),
    wait(ring, records, bytes) {
      return ring.waitForRoomAsync(records, bytes, () => control.isStopping());
    },
  });
}

function openRing(plan: FlowPlan): EventRingProducer {
  if (plan.destination === undefined) throw new MillraceError('BAD_OPTIONS', 'this flow has no destination ring');
  return new EventRingProducer(plan.destination);
}

/** Attaches the writer to the flow's memory. */
export function makeWriter(plan: FlowPlan, destination: Destination, parker: Parker): WriterCycle {
  const control = new Control(plan.control);
  const lanes = plan.lanes.map((handle) => new LaneConsumer(handle));
  const items = plan.items === undefined ? undefined : codecFromSchema(plan.items);
  return new WriterCycle({
    follower: new TicketFollower(plan.tickets),
    lanes,
    batches: items === undefined ? [] : lanes.map((lane) => laneBatch(lane.memory, items)),
    processors: lanes.map((_, i) => control.eventcount(FIRST_PROCESSOR + i)),
    coordinator: control.eventcount(COORDINATOR),
    main: control.eventcount(MAIN),
    destination,
    acked: ackedCursor(plan.tickets),
    drained: drainedCursor(plan.tickets),
    source: plan.source.ring === undefined ? undefined : new EventRingReader(plan.source.ring),
    control,
    counters: new Counters(plan.counters, WRITER),
    parker,
  });
}
