import type { Codec } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { ackedCursor } from '../order/ticket-log-descriptor.ts';
import { createCheckpoints, ProcessorCheckpoint } from '../thread/checkpoints.ts';
import { Control } from '../thread/control-block.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { ProcessorDefinition } from './definition.ts';
import { drainResult } from './drain-result.ts';
import { laneOutput } from './item-outputs.ts';

/**
 * Runs sample events on this thread before it goes live, through the same classes as afterwards and into a lane of its own
 * that nobody reads, so that V8 has compiled the loop for what will pass through it. Samples are the processor's own
 * `warmUp`, or for bare sequences the first `sequences` of them.
 */
export async function warmUp(
  definition: ProcessorDefinition<unknown, unknown, unknown>,
  plan: FlowPlan,
  sequences: number,
): Promise<void> {
  const samples = definition.warmUp?.() ?? (plan.source.events === undefined ? firstSequences(plan, sequences) : []);
  const handle = createLane({ capacityBytes: plan.laneBytes });
  const lane = new LaneProducer(handle);
  const reader = new LaneConsumer(handle);
  const discard = (): void => {
    lane.publish();
    while (reader.next());
    reader.release();
  };
  const output = laneOutput(definition.output as Codec<unknown, unknown> | undefined, {
    lane,
    control: new Control(plan.control),
    checkpoint: new ProcessorCheckpoint(createCheckpoints(1, 0, 0), 0),
    batchBytes: plan.batchBytes,
    recordFilled: discard,
    waitForRoom: discard,
  });
  const interested = definition.interested?.bind(definition) ?? (() => true);
  let sequence = ackedCursor(plan.tickets).peek();
  for (const event of samples) {
    output.sequence = sequence++;
    if (!interested(event, output.sequence)) continue;
    const result = definition.process(event, output) as unknown;
    if (result !== undefined) await drainResult(result, output);
    output.finish();
  }
}

function* firstSequences(plan: FlowPlan, count: number): Iterable<number> {
  const start = ackedCursor(plan.tickets).peek();
  for (let sequence = start; sequence < start + count; sequence++) yield sequence;
}
