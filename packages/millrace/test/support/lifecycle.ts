import { readdirSync } from 'node:fs';
import {
  type Codec,
  type Flow,
  type Infer,
  i32,
  MillraceError,
  type PipelineOptions,
  type ProcessOptions,
  pipeline,
  type RingSpec,
  type StartOptions,
  struct,
  toRing,
  type WriteFunction,
  type WriteFunctionOptions,
  type WriteOptions,
} from 'millrace';
import { afterEach, expect } from 'vitest';

export const MODES = ['threads', 'inline'] as const;
export type Mode = (typeof MODES)[number];

export const Num = struct({ n: i32 });
export type Num = Infer<typeof Num>;

const fixture = (name: string, prefix = 'lifecycle-'): URL => new URL(`../fixtures/${prefix}${name}`, import.meta.url);
export const PROCESSORS = fixture('processors.mjs');
export const WRITERS = fixture('writers.mjs');
export { fixture };

/** The words that a test shares with its processors and writers; what each is for, the fixtures say. */
export class Shared {
  readonly words = new Int32Array(new SharedArrayBuffer(16));
  readonly data: { words: SharedArrayBuffer } = { words: this.words.buffer as SharedArrayBuffer };

  open(): void {
    Atomics.store(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }

  /** Resolves when somebody has come to the place for which `at` is. */
  async come(): Promise<void> {
    await until(() => Atomics.load(this.words, 1) > 0);
  }

  read(word: number): number {
    return Atomics.load(this.words, word);
  }
}

export interface Given {
  mode?: Mode;
  pipeline?: Partial<PipelineOptions<unknown, never>>;
  module?: URL;
  process?: ProcessOptions;
  write?: RingSpec<unknown> | URL | WriteFunction<never>;
  writeOptions?: WriteOptions & WriteFunctionOptions;
  start?: StartOptions;
}

const started = new Set<Flow<never, unknown>>();

/** Starts a flow of Nums. Small grace, small capacities; whatever a test leaves running is stopped after it. */
export async function start<Event = Num, Item = Num>(given: Given = {}): Promise<Flow<Event, Item>> {
  const { mode = 'threads', module = PROCESSORS, write = toRing({ capacity: 64 }) } = given;
  const stage = pipeline<Event, Event>({
    source: Num as unknown as Codec<Event, Event>,
    capacity: 64,
    graceMs: 500,
    ...(given.pipeline as object),
  }).process(module, { threads: 1, ...given.process });
  const written = (
    stage.write as (to: unknown, options?: WriteOptions) => { start(options: StartOptions): Promise<unknown> }
  )(write, given.writeOptions);
  const flow = (await written.start({ mode, ...given.start })) as Flow<Event, Item>;
  started.add(flow as Flow<never, unknown>);
  return flow;
}

/** After each test: stops its flows, and finds that no thread is left. Call it once in a file. */
export function cleanUp(): void {
  afterEach(async () => {
    await Promise.all([...started].map((flow) => flow.stop()));
    started.clear();
    await expectNoThreads();
  });
}

/** Threads of this process as the system counts them, or 0 where it does not say. */
export function systemThreads(): number {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return 0;
  }
}

/** Worker threads of this process that have not ended. */
let threads = 0;
process.on('worker', (worker) => {
  threads++;
  worker.once('exit', () => threads--);
});

export const liveThreads = (): number => threads;

export async function expectNoThreads(): Promise<void> {
  await until(
    () => threads === 0,
    () => `${threads} threads have not ended`,
  );
}

/** Waits for a condition, never for a time; the test's own time limit ends it. */
export async function until(condition: () => boolean, describe: () => string = () => String(condition)): Promise<void> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > 20_000) throw new Error(`this did not come true: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What the promise rejects with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<MillraceError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error(`it resolved, to ${String(value)}`);
}

/** Expects a MillraceError of that code and gives it back. */
export async function refusal(promise: PromiseLike<unknown>, code: string): Promise<MillraceError> {
  const error = await rejection(promise);
  expect(error).toBeInstanceOf(MillraceError);
  expect(error.code, error.message).toBe(code);
  expect(error.message.startsWith(`[${code}] `)).toBe(true);
  return error;
}

/** Numbers as events. */
export const nums = (count: number, from = 0): Num[] => Array.from({ length: count }, (_, i) => ({ n: from + i }));

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Drains a flow and takes what it delivers. */
export async function drained<Item>(flow: Flow<never, Item>): Promise<Item[]> {
  const [items] = await Promise.all([collect(flow.results()), flow.drain()]);
  return items;
}
