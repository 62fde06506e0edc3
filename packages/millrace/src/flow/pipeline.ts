import type { Codec, Infer } from '@millrace/codec';
import type { PipelineOptions } from './pipeline-options.ts';
import type { ProcessOptions } from './process-options.ts';
import type { SequencesSpec } from './sequences.ts';
import type { Flow } from './source-flow.ts';
import type { StartOptions } from './start-options.ts';
import { takeOptions } from './take-options.ts';
import type { RingSpec } from './to-ring.ts';
import type { WriteFunction, WriteFunctionOptions, WriteOptions, WriterSpec } from './write-options.ts';

/** The items of a processor module: `typeof import('./signals.js')`. */
export type ItemsOf<Module> = Module extends { default: { readonly output?: infer C } }
  ? Infer<NonNullable<C>>
  : unknown;

/** A pipeline whose source is known. */
export interface SourceStage<Event, Source = unknown> {
  /**
   * Adds the processor: the URL of a module which exports one. The type parameter, `typeof import('./signals.js')`, gives
   * the items their type.
   */
  process<Module = unknown>(
    module: URL | string,
    options?: ProcessOptions,
  ): ProcessedStage<Event, ItemsOf<Module>, Source>;
}

/** A pipeline whose processor is known. */
export interface ProcessedStage<Event, Item, Source = unknown> {
  /** Adds the destination: a ring, the URL of a module which exports a writer, or a function on this thread. */
  write<RingItem = Item, Kept = unknown>(
    ring: RingSpec<RingItem, Kept>,
  ): ReadyStage<Event, unknown extends RingItem ? Item : RingItem, Source, Kept>;
  write(module: URL | string | WriterSpec, options?: WriteOptions): ReadyStage<Event, never, Source>;
  write<WrittenItem = Item>(
    write: WriteFunction<WrittenItem>,
    options?: WriteFunctionOptions,
  ): ReadyStage<Event, never, Source>;
}

/** A complete pipeline. */
export interface ReadyStage<Event, Item, Source = unknown, Kept = unknown> {
  /** Starts the threads; resolves when each has loaded its module and run its `init`. */
  start(options?: StartOptions): Promise<Flow<Event, Item, Source, Kept>>;
}

/**
 * Describes a flow: where events come from, what computes them, where the items go. Nothing happens before `start`, which
 * checks all options at once.
 */
export function pipeline<Event = never, EventInput = Event, Source = unknown>(
  options: PipelineOptions<Event, EventInput> & { source: (Codec<Event, EventInput> | SequencesSpec) & Source },
): SourceStage<EventInput, Source> {
  return {
    process: (module, process) => ({
      write: (destination: unknown, write?: WriteOptions) => ({
        // A processor's module imports 'millrace' on every thread; what only starting needs is not loaded there.
        start: async (start?: StartOptions) => {
          // At once: the next line takes its time.
          const given = takeOptions({ pipeline: options, module, process, destination, write });
          const how = { ...start };
          const { startFlow } = await import('./start.ts');
          return await startFlow(given, how);
        },
      }),
    }),
  } as SourceStage<EventInput, Source>;
}
