import type { AsyncWait } from '../atomics.ts';
import type { ThreadBody } from '../model.ts';
import { seam } from '../seam.ts';
import { callerSite, codePosition } from './call-site.ts';
import type { History } from './history.ts';
import type { Memory } from './memory.ts';
import { type ElementArray, isVisible, Kind, type Operation, sameOperation } from './operation.ts';
import type { Probe } from './probe.ts';

/** What the bodies need of the machine that runs them. */
export interface Host {
  readonly names: readonly string[];
  /** Does a plain access now and returns its result. */
  plain(thread: number, operation: Operation): unknown;
  /** The execution is wrong; the first report counts. */
  fail(kind: 'nondeterminism' | 'step-cap', thread: number, message: string): void;
}

/** Thrown into a body to stop it at an operation that it may not do yet. */
const STOP = { stop: 'the checker stops this body here' };
const MOST_PLAIN_ACCESSES = 20_000;
const FOREIGN_AWAIT_MS = 5_000;

/**
 * Runs thread bodies from their start along a known history to the first operation after it.
 *
 * JavaScript cannot suspend a plain function. So a body that reaches a visible operation is unwound by an exception, and
 * run again from its start later, with the results of its earlier operations. A body that catches the exception gets it
 * again at its next access, and is stopped even if it swallows it.
 */
export class Bodies {
  private readonly threads: readonly ThreadBody<unknown>[];
  private readonly shared: unknown;
  private readonly memory: Memory;
  private readonly host: Host;
  private readonly captureSites: boolean;

  private thread = 0;
  private run = 0;
  private path: History[] = [];
  private position = 0;
  private last!: History;
  private lastResult: unknown;
  private probe: Probe | null = null;
  private plainAccesses = 0;
  private arrived: History | null = null;
  private blocked: () => void = () => {};

  constructor(
    threads: readonly ThreadBody<unknown>[],
    shared: unknown,
    memory: Memory,
    host: Host,
    captureSites: boolean,
  ) {
    this.threads = threads;
    this.shared = shared;
    this.memory = memory;
    this.host = host;
    this.captureSites = captureSites;
  }

  /**
   * Runs a thread from its start to the node that follows `from` when its operation returns `result`, and further over
   * plain accesses to the next visible operation. With `probe`, to where the probe ends.
   */
  advance(thread: number, from: History, result: unknown, probe: Probe | null): History | Promise<History> {
    this.thread = thread;
    this.run++;
    this.path = from.path();
    this.position = 0;
    this.last = from;
    this.lastResult = result;
    this.probe = probe;
    if (probe !== null) probe.place = () => codePosition(this.perform);
    this.plainAccesses = 0;
    this.arrived = null;
    seam.bodies = this;
    let returned: unknown;
    try {
      returned = this.threads[thread](this.shared);
    } catch (error) {
      return this.end(Kind.threw, error);
    }
    return isThenable(returned) ? this.settle(returned) : this.end(Kind.finished, returned);
  }

  private end(kind: Kind, data: unknown): History {
    seam.bodies = null;
    if (this.arrived !== null) return this.arrived;
    if (this.position < this.path.length) {
      const ending = kind === Kind.threw ? `threw ${String(data)}` : 'ended';
      this.differ(`it ${ending} early`);
      return this.last;
    }
    return this.append({ ...NOTHING, kind, data });
  }

  private settle(body: PromiseLike<unknown>): Promise<History> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        seam.bodies = null;
        reject(new Error('an async body awaits something that is not part of the model: only waitAsync may take time'));
      }, FOREIGN_AWAIT_MS);
      const done = (arrived: History) => {
        clearTimeout(timer);
        resolve(arrived);
      };
      this.blocked = () => {
        seam.bodies = null;
        done(this.arrived!);
      };
      body.then(
        (value) => done(this.end(Kind.finished, value)),
        (error: unknown) => done(this.end(Kind.threw, error)),
      );
    });
  }

  private append(operation: Operation): History {
    return this.last.next(this.lastResult) ?? this.last.append(operation, this.lastResult);
  }

  /** Answers one operation of the body that runs, or stops it. */
  private perform(operation: Operation): unknown {
    if (this.arrived !== null) throw STOP;
    if (this.position < this.path.length) return this.replay(operation);
    const node = this.append(this.captureSites ? { ...operation, site: callerSite() } : operation);
    if (this.probe !== null) {
      const answer = this.probe.answer(operation, node);
      return answer === undefined ? this.stop(node) : this.pass(node, answer.result);
    }
    if (isVisible(operation.kind) || operation.kind === Kind.pause) return this.stop(node);
    if (++this.plainAccesses > MOST_PLAIN_ACCESSES) {
      const message = `${MOST_PLAIN_ACCESSES} plain accesses without an atomic one: does it spin on a plain read?`;
      this.host.fail('step-cap', this.thread, message);
      return this.stop(node);
    }
    return this.pass(node, this.host.plain(this.thread, node.operation));
  }

  private replay(operation: Operation): unknown {
    const node = this.path[this.position];
    if (!sameOperation(node.operation, operation)) {
      this.differ('its next access was another one');
      this.arrived = this.last;
      throw STOP;
    }
    this.position++;
    if (this.probe !== null && this.position > this.path.length - this.probe.tail) this.probe.locate();
    return this.position < this.path.length ? this.path[this.position].result : this.lastResult;
  }

  private pass(node: History, result: unknown): unknown {
    this.last = node;
    this.lastResult = result;
    return result;
  }

  private stop(node: History): never {
    this.arrived = node;
    throw STOP;
  }

  private differ(how: string): void {
    const message =
      `it did something else when it was run again with the same results (${how}): ` +
      'create handles and other private state inside the body, and use no clock or random number';
    this.host.fail('nondeterminism', this.thread, message);
  }

  atomic(kind: Kind, cells: Int32Array, index: number, a: number, b: number): number {
    const operand = kind === Kind.notify ? a : a | 0;
    return this.perform(this.onWord(kind, cells, index, operand, b | 0)) as number;
  }

  wait(
    cells: Int32Array,
    index: number,
    expected: number,
    timeoutMs: number | undefined,
  ): 'ok' | 'not-equal' | 'timed-out' {
    const slept = this.perform(this.onWord(Kind.wait, cells, index, expected | 0, timeoutCode(timeoutMs)));
    if (typeof slept !== 'number') return slept as 'not-equal' | 'timed-out';
    return this.perform(this.onWord(Kind.resume, cells, index, slept, timeoutCode(timeoutMs))) as 'ok' | 'timed-out';
  }

  waitAsync(cells: Int32Array, index: number, expected: number, timeoutMs: number | undefined): AsyncWait {
    const slept = this.perform(this.onWord(Kind.waitAsync, cells, index, expected | 0, timeoutCode(timeoutMs)));
    if (typeof slept !== 'number') return { async: false, value: slept as 'not-equal' | 'timed-out' };
    const awake = this.onWord(Kind.awake, cells, index, slept, timeoutCode(timeoutMs));
    return { async: true, value: this.wakeUp(awake) as unknown as Promise<'ok' | 'timed-out'> };
  }

  /** Stands for the promise of waitAsync: whoever awaits it announces the wake-up as a step. */
  private wakeUp(awake: Operation): PromiseLike<unknown> {
    const run = this.run;
    let value: Promise<unknown> | null = null;
    const settle = (): Promise<unknown> => {
      if (run !== this.run || this.arrived !== null) return NEVER;
      try {
        return Promise.resolve(this.perform(awake));
      } catch (error) {
        if (error !== STOP) return Promise.reject(error);
        this.blocked();
        return NEVER;
      }
    };
    return {
      // biome-ignore lint/suspicious/noThenProperty: `await` of this object is what has to be seen.
      then(onFulfilled, onRejected) {
        value ??= settle();
        return value.then(onFulfilled, onRejected);
      },
    };
  }

  pause(): void {
    this.perform({ ...NOTHING, kind: Kind.pause });
  }

  join(name: string): unknown {
    const thread = this.host.names.indexOf(name);
    if (thread < 0) throw new RangeError(`the model has no thread ${name}: it has ${this.host.names.join(', ')}`);
    return this.perform({ ...NOTHING, kind: Kind.join, word: thread });
  }

  readElement(view: ElementArray, index: number): number | bigint {
    return this.perform(this.onBytes(Kind.readElement, view, index, 1, undefined)) as number | bigint;
  }

  writeElement(view: ElementArray, index: number, value: number | bigint): void {
    this.perform(this.onBytes(Kind.writeElement, view, index, 1, value));
  }

  readBytes(view: Uint8Array, index: number, length: number): Uint8Array {
    return this.perform(this.onBytes(Kind.readBytes, view, index, length, undefined)) as Uint8Array;
  }

  writeBytes(view: Uint8Array, index: number, bytes: Uint8Array): void {
    this.perform(this.onBytes(Kind.writeBytes, view, index, bytes.length, bytes));
  }

  private onWord(kind: Kind, cells: Int32Array, index: number, a: number, b: number): Operation {
    if (!(cells instanceof Int32Array)) throw new TypeError('atomic accesses take an Int32Array');
    requireInside(index, 1, cells.length);
    const region = this.memory.region(cells.buffer as unknown as SharedArrayBuffer);
    const word = region.base + (cells.byteOffset >> 2) + index;
    return { kind, word, cells, cell: index, a, b, data: undefined, site: null };
  }

  private onBytes(kind: Kind, view: ElementArray, index: number, length: number, data: unknown): Operation {
    requireInside(index, length, view.length);
    const region = this.memory.region(view.buffer as unknown as SharedArrayBuffer);
    const size = view.BYTES_PER_ELEMENT;
    const address = region.base * 4 + view.byteOffset + index * size;
    return { kind, word: -1, cells: view, cell: index, a: address, b: length * size, data, site: null };
  }
}

const NOTHING: Operation = {
  kind: Kind.begin,
  word: -1,
  cells: null,
  cell: 0,
  a: 0,
  b: 0,
  data: undefined,
  site: null,
};
const NEVER = new Promise<never>(() => {});

export const beginning = (): Operation => NOTHING;

/** How a wait may end by itself. */
export const Timeout = { never: 0, finite: 1, none: 2 } as const;

function timeoutCode(timeoutMs: number | undefined): number {
  if (timeoutMs === undefined || Number.isNaN(timeoutMs) || timeoutMs === Number.POSITIVE_INFINITY)
    return Timeout.never;
  return timeoutMs <= 0 ? Timeout.none : Timeout.finite;
}

function requireInside(index: number, length: number, size: number): void {
  if (index >= 0 && index + length <= size && Number.isInteger(index)) return;
  throw new RangeError(`element ${index}${length > 1 ? ` to ${index + length}` : ''} of a view of ${size}`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
