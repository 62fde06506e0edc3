import type { Codec, Infer } from '@millrace/codec';
import type { Crew } from './crew.ts';
import { Flow } from './flow.ts';
import { InlineCrew } from './inline-crew.ts';
import { Interrupt } from './interrupt.ts';
import { planMemory } from './memory-plan.ts';
import {
  type CompiledOptions,
  compileOptions,
  type GivenOptions,
  type PipelineOptions,
  type ProcessOptions,
  type WriteFunction,
  type WriteOptions,
} from './options.ts';
import type { SequencesSpec } from './sequences.ts';
import { ThreadCrew } from './thread-crew.ts';
import type { RingSpec } from './to-ring.ts';

export interface StartOptions {
  /** Stops the flow when it is aborted; `ended`, `publish` and `results` then reject with its reason. */
  signal?: AbortSignal;
  /** `inline` runs everything on this thread, for tests and breakpoints. Default `threads`. */
  mode?: 'threads' | 'inline';
}

/** The items of a processor module: `typeof import('./signals.js')`. */
export type ItemsOf<Module> = Module extends { default: { readonly output?: infer C } }
  ? Infer<NonNullable<C>>
  : unknown;

/** A pipeline whose source is known. */
export interface SourceStage<Event> {
  /**
   * Adds the processor: the URL of a module which exports one. The type parameter, `typeof import('./signals.js')`, gives
   * the items their type.
   */
  process<Module = unknown>(module: URL | string, options?: ProcessOptions): ProcessedStage<Event, ItemsOf<Module>>;
}

/** A pipeline whose processor is known. */
export interface ProcessedStage<Event, Item> {
  /** Adds the destination: a ring, the URL of a module which exports a writer, or a function on this thread. */
  write<RingItem = Item>(ring: RingSpec<RingItem>): ReadyStage<Event, RingItem>;
  write(module: URL | string, options?: WriteOptions): ReadyStage<Event, never>;
  write<WrittenItem = Item>(write: WriteFunction<WrittenItem>): ReadyStage<Event, never>;
}

/** A complete pipeline. */
export interface ReadyStage<Event, Item> {
  /** Starts the threads; resolves when each has loaded its module and run its `init`. */
  start(options?: StartOptions): Promise<Flow<Event, Item>>;
}

/**
 * Describes a flow: where events come from, what computes them, where the items go. Nothing happens before `start`, which
 * checks all options at once.
 */
export function pipeline<Event = never, EventInput = Event>(
  options: PipelineOptions<Event, EventInput> & { source: Codec<Event, EventInput> | SequencesSpec },
): SourceStage<EventInput> {
  return {
    process: (module, process) => ({
      write: (destination: unknown, write?: WriteOptions) => ({
        start: (start?: StartOptions) => startFlow({ pipeline: options, module, process, destination, write }, start),
      }),
    }),
  } as SourceStage<EventInput>;
}

/** Lanes of the inline mode are long: nobody can be made to wait there. Pages that are never touched cost nothing. */
const INLINE_LANE_BYTES = 64 * 1024 * 1024;

async function startFlow<Event, Item>(given: GivenOptions, start: StartOptions = {}): Promise<Flow<Event, Item>> {
  const inline = start.mode === 'inline';
  let options: CompiledOptions = compileOptions(given);
  if (inline) options = { ...options, laneBytes: Math.max(options.laneBytes, INLINE_LANE_BYTES) };
  const { signal } = start;
  signal?.throwIfAborted();
  const crew: Crew = inline ? new InlineCrew(options) : new ThreadCrew(options);
  const interrupt = new Interrupt(signal);
  try {
    const plan = planMemory(options, await interrupt.or(crew.load()));
    await interrupt.or(crew.prepare(plan));
    const flow = new Flow<Event, Item>(options, plan, crew, signal);
    flow.run();
    return flow;
  } catch (error) {
    await crew.end(options.graceMs);
    throw error;
  } finally {
    interrupt.dispose();
  }
}
