/** Options of `.write(…)`: as given, and checked. */
import * as v from 'valibot';
import type { CommitOptions } from '../thread/commit-rule.ts';
import type { Batch } from '../writer/batch.ts';
import { check } from './check-options.ts';
import { commitEntries } from './commit-options.ts';
import { type FailureOption, failureSchema } from './failure-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { text } from './option-schemas.ts';
import { threadEntries } from './thread-options.ts';

/** `commitMs`, `commitItems` and `commitBytes` are for a module that commits, and come before what the module says itself. */
export interface WriteOptions extends ThreadOptions, CommitOptions {
  /** Name of the module's export. Default "default". */
  export?: string;
  /** Passed to the writer's `init`, by structured clone; cloned when the flow starts. */
  data?: unknown;
  /** What to do about a batch that the writer nacks. Default `retry`. */
  onNack?: FailureOption;
}

/**
 * A writer that a package brings along: what `.write(…)` takes in place of a URL. Options of commits that `.write(…)` is given
 * beside it come first.
 */
export interface WriterSpec extends CommitOptions {
  readonly kind: 'writer';
  /** URL of the module, its export (default "default") and the data for its `init`. */
  readonly module: string;
  readonly export?: string;
  readonly data?: unknown;
}

/** A writer that is a function on the main thread. */
export type WriteFunction<Item> = (batch: Batch<Item>) => void | PromiseLike<void>;
export type CloseFunction = () => void | PromiseLike<void>;

/** What goes with a writer that is a function. */
export interface WriteFunctionOptions extends Pick<WriteOptions, 'onNack'> {
  /** Called after the last batch of a flow that was drained; `drain` waits for its promise. For what the function has kept back. */
  close?: CloseFunction;
}

const writeSchema = v.strictObject({
  ...threadEntries,
  ...commitEntries,
  export: text,
  data: v.optional(v.any()),
  onNack: failureSchema,
  close: v.optional(v.custom<CloseFunction>((input) => typeof input === 'function', 'has to be a function')),
});

/** Options of every kind of writer: which of them go with the one at hand, `checkDestination` knows. */
export type GivenWrite = WriteOptions & WriteFunctionOptions;

export const checkWrite = (given: unknown, faults: string[]): GivenWrite | undefined =>
  check('write', writeSchema, given, faults);
