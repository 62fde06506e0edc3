import type { Options } from './options.ts';

/**
 * A thread of a model: a plain function, or an async one for a thread that has an event loop (it may `await` the promise
 * of `waitAsync`, and nothing else that takes time).
 *
 * It is run many times. So it must do the same whenever its accesses return the same: private state (ring handles, cached
 * cursors, counters) is created inside it, and everything that outlives it goes through shared memory or its return value.
 */
export type ThreadBody<Shared> = { run(shared: Shared): unknown }['run']; // a method's type, so that Model<T> is a Model

/** How an execution ended, for `after`. */
export interface Ending {
  /** What each body returned, by thread name; undefined for a thread that died. */
  readonly results: Readonly<Record<string, unknown>>;
  /** Names of the threads that died. */
  readonly dead: readonly string[];
}

/** A small program whose every interleaving is to be explored. */
export interface Model<Shared = unknown> {
  readonly name: string;
  /** Makes the shared memory. Runs once, with real accesses; whatever it returns is passed to every body. */
  setup(): Shared;
  /** By name, in an order that the schedules keep. An array will do: then the names are 0, 1, … */
  readonly threads: Readonly<Record<string, ThreadBody<Shared>>> | readonly ThreadBody<Shared>[];
  /**
   * Runs after each execution that ended well, with real accesses, and throws if the ending is wrong. It may attach handles
   * and drain a ring: memory is put back afterwards. What it returns is collected in `Report.outcomes`.
   */
  after?(shared: Shared, ending: Ending): unknown;
  /**
   * Looks at shared memory between any two steps, and throws if it is wrong. It sees states, not orders of steps, so such a
   * model is explored by states (`search: 'states'`), which is dearer than `after`.
   */
  invariant?(shared: Shared): void;
  readonly options?: Options;
  /** What differs in a long run (`interleave run --long`). */
  readonly long?: Options;
  /** Left out of the short run. */
  readonly longOnly?: boolean;
}

/** Checks the shape of a model and keeps the type of what `setup` makes. */
export function model<Shared>(definition: Model<Shared>): Model<Shared> {
  const threads = Object.keys(definition.threads).length;
  if (threads < 1 || threads > MOST_THREADS) {
    throw new RangeError(`model ${definition.name} has ${threads} threads: 1 to ${MOST_THREADS} are possible`);
  }
  return definition;
}

const MOST_THREADS = 8;
