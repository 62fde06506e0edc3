import type { ProcessorDefinition } from './definition.ts';
import { drainResult } from './drain-result.ts';
import type { LaneOutput } from './lane-output.ts';
import type { SourceView } from './source-view.ts';

/**
 * Computes a processor's own samples on its thread before it goes live, so that V8 has compiled the user's code for what will
 * pass through it. They take sequences from `start` on.
 */
export async function computeSamples(
  definition: ProcessorDefinition<unknown, unknown>,
  output: LaneOutput<unknown>,
  source: SourceView<unknown>,
  samples: Iterable<unknown>,
  start: number,
): Promise<void> {
  const interested = definition.interested?.bind(definition) ?? (() => true);
  let sequence = start;
  for (const sample of samples) {
    const event = source.sample(sample);
    output.sequence = sequence++;
    if (!interested(event, output.sequence)) continue;
    const result = definition.process(event, output) as unknown;
    if (result !== undefined) await drainResult(result, output);
    output.finish();
  }
}
