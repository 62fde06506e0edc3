/** Options of `.write(…)`: as given, and checked. */
import * as v from 'valibot';
import type { Settles } from '../thread/settles.ts';
import type { Batch } from '../writer/batch.ts';
import type { WriterDefinition } from '../writer/definition.ts';
import type { WritingOptions } from '../writer/destination.ts';
import { check } from './check-options.ts';
import { type FailureOption, failureSchema } from './failure-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { aFunction, picked, text } from './option-schemas.ts';
import { threadEntries } from './thread-options.ts';
import { writingEntries } from './writing-options.ts';

/** Options of batches and of commits come before what the module says itself; those of commits are for a module that commits. */
export interface WriteOptions extends ThreadOptions, WritingOptions {
  /** Name of the module's export. Default "default". */
  export?: string;
  /** Passed to the writer's `init`, by structured clone; cloned when the flow starts. */
  data?: unknown;
  /** What to do about a batch that the writer nacks. Default `retry`. */
  onNack?: FailureOption;
}

/**
 * A writer that a package brings along: what `.write(…)` takes in place of a URL. Options of batches and of commits that `.write(…)`
 * is given beside it come first.
 */
export interface WriterSpec extends WritingOptions {
  readonly kind: 'writer';
  /** URL of the module, its export (default "default") and the data for its `init`. */
  readonly module: string;
  readonly export?: string;
  readonly data?: unknown;
}

/** A writer that is a function on the main thread. */
export type WriteFunction<Item> = (batch: Batch<Item>) => Settles;

/**
 * What goes with a writer that is a function: all that a module may say beside its `write`, but for `input` and `warmUp`. They run on
 * this thread; `data` of the context is undefined.
 */
export interface WriteFunctionOptions
  extends WritingOptions,
    Pick<WriterDefinition<unknown>, (typeof FUNCTION_PARTS)[number]> {
  /** What to do about a batch that the function nacks. Default `retry`. */
  onNack?: FailureOption;
}

/** What a function is given beside it, and a module has of its own. */
export const FUNCTION_PARTS = ['demand', 'init', 'commit', 'close', 'dispose'] as const;

const writeSchema = v.strictObject({
  ...threadEntries,
  ...writingEntries,
  export: text,
  data: v.optional(v.any()),
  onNack: failureSchema,
  demand: picked('open', 'credit'),
  init: aFunction<NonNullable<WriteFunctionOptions['init']>>(),
  commit: aFunction<NonNullable<WriteFunctionOptions['commit']>>(),
  close: aFunction<NonNullable<WriteFunctionOptions['close']>>(),
  dispose: aFunction<NonNullable<WriteFunctionOptions['dispose']>>(),
});

/** Options of every kind of writer: which of them go with the one at hand, `checkDestination` knows. */
export type GivenWrite = WriteOptions & WriteFunctionOptions;

export const checkWrite = (given: unknown, faults: string[]): GivenWrite | undefined =>
  check('write', writeSchema, given, faults);
