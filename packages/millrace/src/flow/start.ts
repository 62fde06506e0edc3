import { Interrupt } from 'native-free-rings/waits';
import type { Crew } from './crew.ts';
import { InlineCrew } from './inline-crew.ts';
import { planMemory } from './memory-plan.ts';
import { type CompiledOptions, compileOptions } from './options.ts';
import { type Flow, SourceFlow } from './source-flow.ts';
import type { StartOptions } from './start-options.ts';
import type { GivenOptions } from './take-options.ts';
import { ThreadCrew } from './thread-crew.ts';

/** Lanes of the inline mode are long: nobody can be made to wait there. Pages that are never touched cost nothing. */
const INLINE_LANE_BYTES = 256 * 1024 * 1024;

/** Checks the options, starts the threads, and resolves when each has run its `init`. */
export async function startFlow<Event, Item, Source, Kept>(
  given: GivenOptions,
  start: StartOptions = {},
): Promise<Flow<Event, Item, Source, Kept>> {
  const inline = start.mode === 'inline';
  let options: CompiledOptions = compileOptions({ ...given, start });
  if (inline) options = { ...options, laneBytes: Math.max(options.laneBytes, INLINE_LANE_BYTES) };
  const { signal } = start;
  signal?.throwIfAborted();
  const crew: Crew = inline ? new InlineCrew(options) : new ThreadCrew(options);
  const interrupt = new Interrupt(signal);
  try {
    const plan = planMemory(options, await interrupt.or(crew.load()));
    await interrupt.or(crew.prepare(plan));
    const flow = new SourceFlow<Event, Item>(options, plan, crew, signal);
    flow.run();
    // It fills events of any codec, and refuses where its own takes none.
    return flow as unknown as Flow<Event, Item, Source, Kept>;
  } catch (error) {
    await crew.end(options.graceMs);
    throw error;
  } finally {
    interrupt.dispose();
  }
}
