import type { Codec } from '@millrace/codec';
import type { Output } from './output.ts';

/** What `init` is told. */
export interface ProcessorContext<Data = unknown> {
  /** The `data` option of `.process(…)`, as structured clone; a SharedArrayBuffer in it is shared. */
  readonly data: Data;
  /** Which processor thread this is, from 0, and how many there are. */
  readonly thread: number;
  readonly threads: number;
}

/** What a processor's `process` may return: nothing, a promise, or its items as a generator. */
export type Processed<Item> = void | PromiseLike<void> | Iterable<Item> | AsyncIterable<Item>;

/**
 * A processor: the user's computation, one event in and 0 to n items out. Each thread has an instance of its module.
 *
 * Contract: for one event it always makes the same items in the same order, on whichever thread it runs.
 */
export interface ProcessorDefinition<Event = number, Item = never, ItemOut = Item> {
  /** Codec of the events. Left out where the source is bare sequences: the event is then the sequence. */
  readonly input?: Codec<Event, never> | undefined;
  /** Codec of the items. Left out by a processor that emits nothing. */
  readonly output?: Codec<ItemOut, Item> | undefined;
  /** Runs once on each thread before events arrive. The flow starts when it is done. */
  init?(context: ProcessorContext): void | PromiseLike<void>;
  /** A cheap test: an event of no interest is published without being processed. Default: every event is of interest. */
  interested?(event: Event, sequence: number): boolean;
  /**
   * Computes. `event` is valid during the call (for an async processor or a generator: until it is done). An event of a struct is
   * read-only: it may be computed again. (Any other event is a copy, new for each attempt.) Items go to
   * `output.emit`, or are yielded by a generator, sync or async.
   */
  process(event: Event, output: Output<Item>): Processed<Item>;
  /**
   * Sample events: each thread runs them before it goes live, their output discarded, so that it is compiled by then. Samples of a
   * struct are encoded first, so that `process` sees them as it will see events.
   */
  warmUp?(): Iterable<Event>;
  /**
   * When a thread is done with the processor, however the flow ended; not when the thread died. What it throws fails a flow that
   * was drained.
   */
  dispose?(): void | PromiseLike<void>;
}

const MARK: unique symbol = Symbol.for('millrace.processor') as never;

export type Processor<Event = never, Item = never, ItemOut = Item> = ProcessorDefinition<Event, Item, ItemOut> & {
  readonly [MARK]: true;
};

/** Marks a definition as a processor and infers the types of its events and items from its codecs. */
export function processor<Event = number, Item = never, ItemOut = Item>(
  definition: ProcessorDefinition<Event, Item, ItemOut>,
): Processor<Event, Item, ItemOut> {
  return Object.assign(definition, { [MARK]: true as const });
}

export const isProcessor = (value: unknown): value is Processor<unknown, unknown, unknown> =>
  typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;
