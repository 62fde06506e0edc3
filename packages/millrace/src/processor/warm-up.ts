import type { FlowPlan } from '../thread/plan.ts';
import type { ProcessorDefinition } from './definition.ts';
import { drainResult } from './drain-result.ts';
import type { LaneOutput } from './lane-output.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** What a thread computes before it goes live: the processor's own samples, or the first of a source's bare sequences. */
export function samplesOf(definition: Definition, { source }: FlowPlan, start: number, count: number): Iterable<unknown> {
  return definition.warmUp?.() ?? (source.events === undefined ? sequencesFrom(start, count) : []);
}

/**
 * Computes sample events on this thread before it goes live, into its own output, which takes all of it back: so V8 has
 * compiled the user's code for what will pass through it, and the lane's memory is there.
 */
export async function warmUp(
  definition: Definition,
  output: LaneOutput<unknown>,
  samples: Iterable<unknown>,
  start: number,
): Promise<void> {
  const interested = definition.interested?.bind(definition) ?? (() => true);
  let sequence = start;
  output.rehearse();
  for (const event of samples) {
    output.sequence = sequence++;
    if (!interested(event, output.sequence)) continue;
    const result = definition.process(event, output) as unknown;
    if (result !== undefined) await drainResult(result, output);
    output.finish();
  }
  output.forget();
}

function* sequencesFrom(start: number, count: number): Iterable<number> {
  for (let sequence = start; sequence < start + count; sequence++) yield sequence;
}
