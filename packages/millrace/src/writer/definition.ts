import type { Codec } from '@millrace/codec';
import type { Batch } from './batch.ts';

/** What a writer's `init` is told. */
export interface WriterContext<Data = unknown> {
  /** The `data` option of `.write(…)`, as structured clone; a SharedArrayBuffer in it is shared. */
  readonly data: Data;
}

/** A writer: takes batches in sequence order, on a thread of its own. */
export interface WriterDefinition<Item> {
  /** Codec of the items; has to be the processor's `output`. */
  readonly input: Codec<Item, never>;
  /** Runs once before batches arrive. The flow starts when it is done. */
  init?(context: WriterContext): void | PromiseLike<void>;
  /** Delivers one batch. Returning acknowledges it; a promise acknowledges it when it resolves. */
  write(batch: Batch<Item>): void | PromiseLike<void>;
  /** After the last batch of a flow that was drained. */
  close?(): void | PromiseLike<void>;
}

const MARK: unique symbol = Symbol.for('millrace.writer') as never;

export type Writer<Item = never> = WriterDefinition<Item> & { readonly [MARK]: true };

/** Marks a definition as a writer and infers the type of its items from its codec. */
export function writer<Item>(definition: WriterDefinition<Item>): Writer<Item> {
  return Object.assign(definition, { [MARK]: true as const });
}

export const isWriter = (value: unknown): value is Writer<unknown> =>
  typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;
