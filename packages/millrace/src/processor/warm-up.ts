import type { SourceView } from './source-view.ts';
import type { UserLoop } from './user-loop.ts';

/**
 * Computes a processor's own samples on its thread before it goes live, so that V8 has compiled the user's code for what will
 * pass through it. They take sequences from `start` on.
 */
export async function computeSamples(
  loop: UserLoop,
  source: SourceView<unknown>,
  samples: Iterable<unknown>,
  start: number,
): Promise<void> {
  let sequence = start;
  for (const sample of samples) {
    const promise = loop.compute(source.sample(sample), sequence++);
    if (promise === undefined) continue;
    await promise;
    loop.finish();
  }
}
