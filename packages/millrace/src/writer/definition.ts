import type { Codec, Infer } from '@millrace/codec';
import type { BatchOptions } from '../thread/batch-rule.ts';
import type { CommitOptions } from '../thread/commit-rule.ts';
import type { PartKind } from '../thread/definition-faults.ts';
import type { Settles } from '../thread/settles.ts';
import type { Batch } from './batch.ts';

/** How far a destination has come: it has everything below `sequence`, and `items` items of it. */
export interface Progress {
  readonly sequence: number;
  readonly items: number;
}

/** What a writer's `init` is told. */
export interface WriterContext<Data = unknown> {
  /** The `data` option of `.write(…)`, as structured clone; a SharedArrayBuffer in it is shared. */
  readonly data: Data;
  /** Codec of the items; undefined where the processor emits nothing. */
  readonly codec: Codec<unknown, never> | undefined;
  /** The first sequence of the flow; of a writer that takes the place of a dead one, the first that is not acknowledged. */
  readonly startAt: number;
  /** Grants `n` more items, for a writer with `demand: 'credit'`. */
  ready(n: number): void;
}

/** A writer: takes batches in sequence order, on a thread of its own. */
export interface WriterDefinition<Item> extends CommitOptions, BatchOptions {
  /** Codec of the items; has to be the processor's `output`. Left out: takes whatever the processor emits. */
  readonly input?: Codec<Item, never> | undefined;
  /** `credit`: nothing is written before `context.ready(n)` granted it. Default `open`: `write` may be called at any time. */
  readonly demand?: 'open' | 'credit' | undefined;
  /**
   * Runs once on each writer thread before batches arrive; the flow starts when it is done. A store that knows how far it has
   * come returns it, and is given what follows: at `startAt` at least.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most return nothing, and some a place.
  init?(context: WriterContext): void | Progress | PromiseLike<void | Progress>;
  /**
   * Before the thread goes live, after `init`: calls what `write` calls, for V8 to compile it. It must not change the destination.
   * `batchOf` makes a batch of sample items, each of a sequence of its own from 0 on. (The writer's own loop is warmed by
   * itself, where the flow's processors are.)
   */
  warmUp?(batchOf: (items: Iterable<Item>) => Batch<Item>): Settles;
  /**
   * Delivers one batch. Returning acknowledges it; a promise acknowledges it when it resolves, with whatever value. Throwing a
   * `Nack` (or a promise that rejects with one) refuses it; anything else that is thrown fails the flow, and so do a generator and
   * an array of promises that are returned, since nobody would wait for them. With `maxInFlight` several promises may be pending;
   * while a batch is refused nothing further is handed over, and it may come again after batches that followed it. After a death of
   * the writer's thread what was not acknowledged is delivered again, and up to 64 quick batches before it: `sequence` and `first` of
   * the batch tell what it is. A store that implements `commit` and returns its progress from `init` is given nothing again that it has.
   */
  write(batch: Batch<Item>): Settles;
  /**
   * For a store: makes all that was written since the last call durable, together with `progress`. Called before sequences
   * are acknowledged, for many batches at once: `commitMs`, `commitItems` and `commitBytes` say how often. The object is the
   * store's to keep. While its promise is pending, nothing is written.
   */
  commit?(progress: Progress): Settles;
  /** After the last batch of a flow that was drained. Called again should the thread die in it. */
  close?(): Settles;
  /**
   * When the thread is done with the writer, however the flow ended; not when the thread died. What it throws fails a flow that
   * was drained.
   */
  dispose?(): Settles;
}

const MARK: unique symbol = Symbol.for('millrace.writer') as never;

export type Writer<Item = never> = WriterDefinition<Item> & { readonly [MARK]: true };

/** Marks a definition as a writer and infers what its batches have from its codec. */
export function writer<In extends Codec<unknown, never>>(
  definition: Omit<WriterDefinition<Infer<In>>, 'input' | 'write'> & {
    readonly input: In;
    write(batch: Batch<In>): Settles;
  },
): Writer<Infer<In>>;
/** The same, where the type of the items is given, or not known. */
export function writer<Item>(definition: WriterDefinition<Item>): Writer<Item>;
export function writer(definition: object): object {
  return Object.assign(definition, { [MARK]: true as const });
}

export const isWriter = (value: unknown): value is Writer<unknown> =>
  typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;

/** What the parts of a definition have to be. */
export const WRITER_PARTS: Readonly<Record<string, PartKind>> = {
  input: 'codec?',
  init: 'function?',
  warmUp: 'function?',
  write: 'function',
  commit: 'function?',
  close: 'function?',
  dispose: 'function?',
};
