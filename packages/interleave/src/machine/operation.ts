/**
 * What a thread can do to shared memory. A *visible* operation is a step: the search decides which thread does its next
 * one. A *plain* access is done together with the visible operation before it; the race check makes that sound.
 */
export const Kind = {
  load: 0,
  store: 1,
  add: 2,
  or: 3,
  and: 4,
  exchange: 5,
  compareExchange: 6,
  racyLoad: 7,
  /** First half of a wait: compares, and goes to sleep if the value is the expected one. */
  wait: 8,
  /** Second half of a wait that slept: the thread goes on. */
  resume: 9,
  waitAsync: 10,
  /** An async body goes on after `await` of a waitAsync. */
  awake: 11,
  notify: 12,
  /** Blocks until another thread of the model has ended. */
  join: 13,

  /** Not a step by itself: it marks the end of one round of a spin. */
  pause: 16,
  readElement: 17,
  writeElement: 18,
  readBytes: 19,
  writeBytes: 20,
  /** Before the first access of a body. */
  begin: 21,

  finished: 24,
  threw: 25,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

const NAMES: Record<number, string> = Object.fromEntries(Object.entries(Kind).map(([name, kind]) => [kind, name]));

/** One access, as the body announced it. The same history of a thread always announces the same operation. */
export interface Operation {
  readonly kind: Kind;
  /** Visible operations on a word: its number in the model's memory; -1 for all others. join: the thread. */
  readonly word: number;
  /** The typed array and index to work on. */
  readonly cells: Cells | null;
  readonly cell: number;
  /** First operand. Plain accesses: address of the first byte in the model's memory. */
  readonly a: number;
  /** Second operand. Plain accesses: how many bytes. wait: 1 if it has a finite time-out. */
  readonly b: number;
  /** Plain writes: what is written. finished: what the body returned. threw: what it threw. */
  readonly data: unknown;
  /** Made where the access was, for its stack; null unless sites are captured. */
  readonly site: Error | null;
}

export type Cells = Int32Array | ElementArray;
export type ElementArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

export const isVisible = (kind: Kind): boolean => kind < Kind.pause;
export const isEnd = (kind: Kind): boolean => kind >= Kind.finished;
export const kindName = (kind: Kind): string => NAMES[kind]!;

/** True if both announce the same access; a body that is run again must announce what it announced before. */
export function sameOperation(one: Operation, other: Operation): boolean {
  return (
    one.kind === other.kind &&
    one.word === other.word &&
    one.cell === other.cell &&
    one.a === other.a &&
    one.b === other.b &&
    (one.kind >= Kind.finished || sameData(one.data, other.data))
  );
}

function sameData(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) {
    return one.length === other.length && one.every((byte, i) => byte === other[i]);
  }
  return Object.is(one, other);
}

/** The word's value after an atomic operation; undefined if it only reads. */
export function valueAfter(operation: Operation, old: number): number | undefined {
  const { kind, a, b } = operation;
  switch (kind) {
    case Kind.store:
    case Kind.exchange:
      return a;
    case Kind.add:
      return (old + a) | 0;
    case Kind.or:
      return old | a;
    case Kind.and:
      return old & a;
    case Kind.compareExchange:
      return old === a ? b : undefined;
    default:
      return undefined;
  }
}
