import type { Codec, Infer, InferInput } from '@millrace/codec';
import type { PartKind } from '../thread/definition-faults.ts';
import type { Settles } from '../thread/settles.ts';
import type { Output } from './output.ts';

/** What `init` is told. */
export interface ProcessorContext<Data = unknown> {
  /** The `data` option of `.process(…)`, as structured clone; a SharedArrayBuffer in it is shared. */
  readonly data: Data;
  /** Which processor thread this is, from 0, and how many there are. */
  readonly thread: number;
  readonly threads: number;
}

/** Returned by a `process` that emits: nothing, or the value of an expression such as `n > 5 && output.emit(n)`. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that says nothing about what it returns is as good.
type Nothing = void | undefined | null | boolean | number;

/** Items all at once: those of an array, a generator, or an iterator. (A string gives no items.) */
type Many<Item> = readonly Item[] | (Iterable<Item> & object);

/** What a `process` with the parameter `output` may return. What it gives as items follows what it has emitted. */
type Emitted<Item> = Nothing | Many<Item> | AsyncIterable<Item> | PromiseLike<Nothing | Many<Item>>;

/** An item as it is returned: one that is an array is returned in an array. */
type One<Item> = Item extends readonly unknown[] ? never : Item;

/** What a `process` without the parameter `output` may return: an item, items, or nothing. */
type Returned<Item> =
  | void
  | undefined
  | One<Item>
  | Many<Item>
  | AsyncIterable<Item>
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that says nothing about what it returns is as good.
  | PromiseLike<void | undefined | One<Item> | Many<Item>>;

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
  /**
   * Numbers that are written into a claim's `items` are checked as `emit` checks them, and whether they lie in the claim. It is
   * slow, for development. Default false: then a typed array converts what it is given.
   */
  readonly checked?: boolean | undefined;
  /** Runs once on each thread before events arrive. The flow starts when it is done. */
  init?(context: ProcessorContext): Settles;
  /**
   * A cheap test: an event of no interest is published without being processed. It says true or false at once, and emits
   * nothing. Default: every event is of interest.
   */
  interested?(event: Event, sequence: number): boolean;
  /**
   * Computes. `event` is valid during the call (for an async processor or a generator: until it is done). An event of a struct is
   * read-only: it may be computed again. (Any other event is a copy, new for each attempt.)
   *
   * How many parameters `process` declares (its `length`) says where its items come from.
   *
   * With two, `process(event, output)`: from `output.emit`. It may return items beside: a generator, sync or async, an
   * iterator or an array gives its items. Booleans, numbers, null and undefined are ignored; any other value is refused.
   *
   * With one, `process(event)`: from what it returns. A generator, an iterator or an array gives its items, undefined gives
   * none, and any other value is one item: also a string, an object, a Map, a Set and a typed array. An item that is an array
   * itself is returned in an array. (A processor without the codec `output` has no items: what it returns is as above.)
   *
   * A promise counts for what it resolves to.
   */
  process(event: Event, output: Output<Item>): Emitted<Item> | Returned<Item>;
  /**
   * Sample events: each thread runs them before it goes live, their output discarded, so that it is compiled by then. Samples of a
   * struct are encoded first, so that `process` sees them as it will see events.
   */
  warmUp?(): Iterable<Event>;
  /**
   * When a thread is done with the processor, however the flow ended; not when the thread died. What it throws fails a flow that
   * was drained.
   */
  dispose?(): Settles;
}

type AnyCodec = Codec<unknown, never>;

/** The events of a codec; bare sequences where there is none. */
type EventOf<C> = [C] extends [never] ? number : Infer<C>;
/** What a codec takes as an item; nothing where there is none. */
type ItemOf<C> = [C] extends [never] ? never : InferInput<C>;

type Parts<Event, Item, ItemOut> = Omit<ProcessorDefinition<Event, Item, ItemOut>, 'input' | 'output' | 'process'>;

/** A processor whose items come from its output. */
type Emitting<Event, Item, ItemOut, Given> = Parts<Event, Item, ItemOut> & {
  process(event: Event, output: Given): Emitted<NoInfer<Item>>;
};

/** A processor whose items are what it returns. */
type Returning<Event, Item, ItemOut> = Parts<Event, Item, ItemOut> & {
  process(event: Event): Returned<NoInfer<Item>>;
};

/** The codecs of a processor's events and items. */
interface Codecs<In, Out> {
  readonly input?: In | undefined;
  readonly output?: Out | undefined;
}

const MARK: unique symbol = Symbol.for('millrace.processor') as never;

export type Processor<Event = never, Item = never, ItemOut = Item> = ProcessorDefinition<Event, Item, ItemOut> & {
  readonly [MARK]: true;
};

/** Marks a definition as a processor and infers the types of its events and items from its codecs. */
export function processor<In extends AnyCodec = never, Out extends AnyCodec = never>(
  definition: Codecs<In, Out> & Emitting<EventOf<In>, ItemOf<Out>, Infer<Out>, Output<Out>>,
): Processor<EventOf<In>, ItemOf<Out>, Infer<Out>>;
export function processor<In extends AnyCodec = never, Out extends AnyCodec = never>(
  definition: Codecs<In, Out> & Returning<EventOf<In>, ItemOf<Out>, Infer<Out>>,
): Processor<EventOf<In>, ItemOf<Out>, Infer<Out>>;
/** The same, where the types of events and items are given. */
export function processor<Event, Item = never, ItemOut = Item>(
  definition: Codecs<Codec<Event, never>, Codec<ItemOut, Item>> & Emitting<Event, Item, ItemOut, Output<Item>>,
): Processor<Event, Item, ItemOut>;
export function processor<Event, Item = never, ItemOut = Item>(
  definition: Codecs<Codec<Event, never>, Codec<ItemOut, Item>> & Returning<Event, Item, ItemOut>,
): Processor<Event, Item, ItemOut>;
export function processor(definition: object): object {
  return Object.assign(definition, { [MARK]: true as const });
}

export const isProcessor = (value: unknown): value is Processor<unknown, unknown, unknown> =>
  typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;

/** What the parts of a definition have to be. */
export const PROCESSOR_PARTS: Readonly<Record<string, PartKind>> = {
  input: 'codec?',
  output: 'codec?',
  checked: 'boolean?',
  init: 'function?',
  interested: 'function?',
  process: 'function',
  warmUp: 'function?',
  dispose: 'function?',
};
