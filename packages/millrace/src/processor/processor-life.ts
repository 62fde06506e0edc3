import { codecFromSchema } from '@millrace/codec';
import { LaneProducer } from 'native-free-rings';
import { TicketClaimer } from '../order/ticket-claimer.ts';
import { CAUSES } from '../thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { Counters } from '../thread/counters.ts';
import type { ModuleRef, ThreadTask } from '../thread/messages.ts';
import { Parker, runBlocking } from '../thread/parker.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { type HostPort, loadExport, runInit } from '../thread/thread-main.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { isProcessor, type ProcessorDefinition } from './definition.ts';
import { laneOutput } from './item-outputs.ts';
import type { LaneOutput } from './lane-output.ts';
import { ProcessorCycle } from './processor-cycle.ts';
import { sourceView } from './source-view.ts';
import { warmUp } from './warm-up.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** A processor thread from loading the user's module to its last ticket. */
export async function processorLife(task: ThreadTask, port: HostPort): Promise<void> {
  const module = task.module as ModuleRef;
  const definition: Definition = await loadExport(module, isProcessor, 'processor');
  port.send({ type: 'loaded', input: definition.input?.schema, output: definition.output?.schema });
  const start = await port.receive();
  if (start?.type !== 'start') return;
  const { plan, index } = start;
  const who = `processor ${index}`;
  await runInit(() => definition.init?.({ data: module.data, thread: index, threads: plan.lanes.length }), who);
  await runInit(() => warmUp(definition, plan, start.warmUp), who, 'warm-up');
  const parker = makeParker(plan, index);
  const cycle = makeProcessor(definition, plan, index, (look, wanted) => parker.waitUntil(look, CAUSES.room, wanted));
  port.send({ type: 'ready' });
  if ((await port.receive())?.type !== 'go') return;
  await runBlocking(cycle, parker);
}

function makeParker(plan: FlowPlan, index: number): Parker {
  const thread = FIRST_PROCESSOR + index;
  return new Parker(new Control(plan.control), new Counters(plan.counters, thread), thread, waitStrategy(plan));
}

/** Attaches processor `index` to the flow's memory. `waitForRoom` waits until `look` is true; a lane's head wakes it. */
export function makeProcessor(
  definition: Definition,
  plan: FlowPlan,
  index: number,
  waitForRoom: (look: () => boolean, wanted: number) => void,
): ProcessorCycle {
  const control = new Control(plan.control);
  const lane = new LaneProducer(plan.lanes[index]!);
  const writer = control.eventcount(WRITER);
  const show = (): void => {
    lane.publish();
    writer.wakeFor(CAUSES.items, index);
  };
  const output: LaneOutput<unknown> = laneOutput(definition.output, {
    lane,
    control,
    batchBytes: plan.batchBytes,
    recordFilled: show,
    waitForRoom(bytes) {
      show();
      const wanted = lane.wantedHead(bytes, lane.capacity >> 3);
      waitForRoom(() => control.isStopping() || lane.hasRoom(bytes), wanted);
    },
  });
  const { ring, events } = plan.source;
  return new ProcessorCycle({
    index,
    definition,
    claimer: new TicketClaimer(plan.tickets, index),
    source: sourceView(ring, events === undefined ? undefined : codecFromSchema(events)),
    lane,
    output,
    control,
    counters: new Counters(plan.counters, FIRST_PROCESSOR + index),
    position: control.position(FIRST_PROCESSOR + index),
    writer,
    coordinator: control.eventcount(COORDINATOR),
  });
}
