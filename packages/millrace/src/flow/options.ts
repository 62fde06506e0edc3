/**
 * Options in three stages: as given (`PipelineOptions`, `ProcessOptions`, …), checked all at once, and compiled
 * (`CompiledOptions`: every default filled in).
 */
import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SHARE_ENV } from 'node:worker_threads';
import type { Codec } from '@millrace/codec';
import { MAX_DATA_BYTES, MAX_LANE_BYTES, MAX_READERS, MAX_RING_RECORDS, MIN_LANE_BYTES } from 'native-free-rings';
import * as v from 'valibot';
import { MAX_PROCESSORS } from '../order/ticket-log-descriptor.ts';
import { MillraceError } from '../thread/errors.ts';
import type { FailurePolicy } from '../thread/failure-policy.ts';
import type { ModuleRef } from '../thread/messages.ts';
import type { WaitName } from '../thread/plan.ts';
import { commitEntries, commitOf, commitSchema, commitsOfNone } from './commit-options.ts';
import {
  type CompiledRestarts,
  compileFailure,
  compileRestarts,
  deadLettersSchema,
  type FailureOption,
  failureSchema,
  type RestartOptions,
  restartsSchema,
  type TakeDeadLetter,
} from './failure-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { endless, integer, milliseconds, show } from './option-schemas.ts';
import { type SequencesSpec, startFault } from './sequences.ts';
import type { GivenOptions } from './take-options.ts';
import type { RingSpec } from './to-ring.ts';
import type { CloseFunction, WriteFunction, WriterSpec } from './write-options.ts';

export interface PipelineOptions<Event, EventInput = Event> {
  /** What the events are: a codec (events are published into a ring), or `sequences(n)`. */
  source: Codec<Event, EventInput> | SequencesSpec;
  /** Events that the source ring holds, rounded up to a power of two. Default 4,096; of bare sequences 2^20, which cost no memory. */
  capacity?: number;
  /**
   * Bytes of data of a source ring whose events vary in length, rounded up to a power of two. An event takes half of them at
   * most, wherever the ring stands. Default 64 a record, at least 64 KiB.
   */
  dataBytes?: number;
  /** How many producer handles other threads may attach, beside `publish` on this thread. Default 0. */
  producers?: number;
  /** Shown in the names of threads and in errors. Default "millrace". */
  name?: string;
  /** How threads wait: `adaptive` (default), `park` or `spin`. */
  wait?: WaitName;
  /** The first sequence, at most 2^52, so that as many are left up to 2^53; with `sequences(n)` the last one may be 2^53 - 1. Default 0. */
  startAt?: number;
  /** Work that a ticket holds under backlog, in milliseconds. Default 2. */
  ticketMs?: number;
  /** How often threads that died are replaced before the flow fails. */
  restarts?: RestartOptions;
  /** Takes events and items that were given up (`onError`, `onNack`, events that kill their threads). Runs on this thread. */
  deadLetters?: TakeDeadLetter;
  /** The flow emits `stall` when the head of line has not moved for so long. Default 10,000; 0 or Infinity: never. */
  stallMs?: number;
  /**
   * How long a thread may take to import its module, and then to run its `init` and its warm-up, before `start` rejects with
   * START_TIMEOUT; at the end, how long `close` and `dispose` may take after a drain. Default 60,000; 0 or Infinity: no limit.
   */
  startTimeoutMs?: number;
  /** How long threads may take to end by themselves when the flow is stopped, before they are terminated. Default 1,000; Infinity: never. */
  graceMs?: number;
}

export interface ProcessOptions extends ThreadOptions {
  /** Processor threads. Default: `os.availableParallelism()`. */
  threads?: number;
  /** Name of the module's export. Default "default". */
  export?: string;
  /**
   * Passed to the processor's `init` on each thread, by structured clone. It is cloned when the flow starts: what you change in it
   * later no thread sees, save in a SharedArrayBuffer.
   */
  data?: unknown;
  /** Bytes of each processor's lane, rounded up to a power of two. It bounds how far a processor computes ahead. Default 1 MiB. */
  laneBytes?: number;
  /**
   * Output of one event up to so many bytes is shown to the writer all at once. What is longer is shown in parts of this size.
   * Default 16 KiB, at most a quarter of the lane.
   */
  batchBytes?: number;
  /** A writer gets so many bytes of items in one piece at most, unless a part as of `batchBytes` is longer. Default 64 KiB. */
  blockBytes?: number;
  /**
   * Bare sequences that each thread computes before it goes live, output discarded: from `startAt` on, those that have not
   * arrived yet as well. Default 0. See `warmUp` of the processor.
   */
  warmUp?: number;
  /**
   * How much the processor threads' niceness is raised, 0 to 19, default 0. With fewer cores than threads, 5 lets the writer, for
   * which they all wait, and your own threads come first; but other processes as well. On Linux; elsewhere niceness is the whole
   * process's, and left alone.
   */
  nice?: number;
  /** What to do about an event on which the processor throws. Default `stop`. */
  onError?: FailureOption;
}

export type CompiledSource =
  | { readonly kind: 'sequences'; readonly count: number; readonly codec: undefined }
  | {
      readonly kind: 'ring';
      /** Undefined: bare sequences that are handed out. */
      readonly codec: Codec<unknown, never> | undefined;
      readonly capacity: number;
      readonly dataBytes: number | undefined;
      readonly producers: number;
    };

export type CompiledWriter =
  | {
      readonly kind: 'ring';
      readonly capacity: number;
      readonly dataBytes: number | undefined;
      readonly readers: number;
      readonly codec: Codec<unknown, never> | undefined;
    }
  | { readonly kind: 'module'; readonly module: ModuleRef; readonly thread: ThreadOptions }
  | { readonly kind: 'function'; readonly write: WriteFunction<unknown>; readonly close: CloseFunction | undefined };

/** Everything a flow is made of, every default filled in. */
export interface CompiledOptions {
  readonly name: string;
  readonly wait: WaitName;
  readonly startAt: number;
  readonly ticketMs: number;
  readonly startTimeoutMs: number;
  readonly graceMs: number;
  readonly source: CompiledSource;
  readonly module: ModuleRef;
  readonly processors: number;
  readonly laneBytes: number;
  readonly batchBytes: number;
  readonly blockBytes: number;
  readonly warmUp: number;
  readonly nice: number;
  readonly processorThread: ThreadOptions;
  readonly writer: CompiledWriter;
  readonly onError: FailurePolicy;
  readonly onNack: FailurePolicy;
  readonly restarts: CompiledRestarts;
  readonly deadLetters: TakeDeadLetter | undefined;
  readonly stallMs: number;
}

const text = v.optional(v.string((issue) => `is ${show(issue.input)}; give a string`));

const threadEntries = {
  resourceLimits: v.optional(
    v.record(v.string(), v.number(), 'has to be an object of numbers, as worker_threads takes it'),
  ),
  execArgv: v.optional(v.array(v.string(), 'has to be an array of strings')),
  env: v.optional(
    v.union([v.literal(SHARE_ENV), v.record(v.string(), v.any())], 'has to be an object of strings, or SHARE_ENV'),
  ),
};

const pipelineSchema = v.strictObject({
  source: v.custom<Codec<unknown, never> | SequencesSpec>(
    (input) => isCodec(input) || isSequences(input),
    (issue) => `is ${show(issue.input)}; give a codec such as struct({ … }), or sequences(n)`,
  ),
  capacity: integer(1, MAX_RING_RECORDS),
  dataBytes: integer(64, MAX_DATA_BYTES),
  producers: integer(0, MAX_READERS - 1),
  name: text,
  wait: v.optional(
    v.picklist(['adaptive', 'park', 'spin'], (issue) => `is ${show(issue.input)}; give 'adaptive', 'park' or 'spin'`),
  ),
  startAt: integer(0, Number.MAX_SAFE_INTEGER),
  ticketMs: milliseconds(0.001),
  startTimeoutMs: endless(),
  graceMs: endless(),
  restarts: restartsSchema,
  deadLetters: deadLettersSchema,
  stallMs: endless(),
});

const processSchema = v.strictObject({
  ...threadEntries,
  threads: integer(1, MAX_PROCESSORS, '; more threads than cores do not help'),
  export: text,
  data: v.optional(v.any()),
  laneBytes: integer(MIN_LANE_BYTES, MAX_LANE_BYTES),
  batchBytes: integer(16, MAX_LANE_BYTES / 4),
  blockBytes: integer(1, MAX_LANE_BYTES),
  warmUp: integer(0, 2 ** 31),
  nice: integer(0, 19),
  onError: failureSchema,
});

const writeSchema = v.strictObject({
  ...threadEntries,
  ...commitEntries,
  export: text,
  data: v.optional(v.any()),
  onNack: failureSchema,
  close: v.optional(v.custom<CloseFunction>((input) => typeof input === 'function', 'has to be a function')),
});

const ringSchema = v.strictObject({
  capacity: integer(1, MAX_RING_RECORDS),
  dataBytes: integer(64, MAX_DATA_BYTES),
  readers: integer(1, MAX_READERS),
  codec: v.optional(
    v.custom<Codec<unknown, never>>(isCodec, (issue) => `is ${show(issue.input)}; give the codec of the items`),
  ),
});

const startSchema = v.strictObject({
  mode: v.optional(v.picklist(['threads', 'inline'], (issue) => `is ${show(issue.input)}; give 'threads' or 'inline'`)),
  signal: v.optional(v.custom(isSignal, (issue) => `is ${show(issue.input)}; give an AbortSignal`)),
});

const DEFAULTS = {
  capacity: 4_096,
  bareCapacity: 2 ** 20,
  laneBytes: 1024 * 1024,
  batchBytes: 16 * 1024,
  blockBytes: 64 * 1024,
  nice: 0,
  ticketMs: 2,
  startTimeoutMs: 60_000,
  graceMs: 1_000,
  stallMs: 10_000,
} as const;

/** Checks everything that was given, reports every fault at once, and fills in the defaults. */
export function compileOptions(given: GivenOptions): CompiledOptions {
  const faults: string[] = [...(given.faults ?? [])];
  const pipeline = check('pipeline', pipelineSchema, given.pipeline, faults);
  const process = check('process', processSchema, given.process, faults);
  const write = check('write', writeSchema, given.write, faults);
  check('start', startSchema, given.start, faults);
  const module = checkModule('process', given.module, faults);
  const writer = checkDestination(given.destination, write, faults);
  if (pipeline !== undefined) {
    const { source, startAt = 0 } = pipeline;
    const fault = startFault(startAt, isSequences(source) ? source.count : undefined);
    if (fault !== undefined) faults.push(fault);
  }
  if (pipeline !== undefined && isSequences(pipeline.source)) {
    const without =
      pipeline.source.count === undefined
        ? (['dataBytes', 'producers'] as const)
        : (['capacity', 'dataBytes', 'producers'] as const);
    for (const key of without) {
      if (pipeline[key] !== undefined)
        faults.push(`pipeline.${key} is for a ring of events, which bare sequences do not have: leave it out`);
    }
  }
  const onError = compileFailure(process?.onError, 'stop');
  const onNack = compileFailure(write?.onNack, 'retry');
  if (pipeline?.deadLetters === undefined) {
    const without = 'pipeline.deadLetters is missing: give the function that takes what is given up';
    if (onError.otherwise === 'dead-letter') faults.push(`process.onError gives events up, and ${without}`);
    if (onNack.otherwise === 'dead-letter') faults.push(`write.onNack gives items up, and ${without}`);
  }
  if (
    pipeline === undefined ||
    process === undefined ||
    module === undefined ||
    writer === undefined ||
    faults.length > 0
  ) {
    throw badOptions(faults, given.cause);
  }
  const laneBytes = process.laneBytes ?? DEFAULTS.laneBytes;
  const { resourceLimits, execArgv, env } = process;
  return {
    name: pipeline.name ?? 'millrace',
    wait: pipeline.wait ?? 'adaptive',
    startAt: pipeline.startAt ?? 0,
    ticketMs: pipeline.ticketMs ?? DEFAULTS.ticketMs,
    startTimeoutMs: pipeline.startTimeoutMs ?? DEFAULTS.startTimeoutMs,
    graceMs: pipeline.graceMs ?? DEFAULTS.graceMs,
    source: compileSource(pipeline),
    module: { ...module, exportName: process.export ?? 'default', data: process.data },
    processors: process.threads ?? Math.min(availableParallelism(), MAX_PROCESSORS),
    laneBytes,
    batchBytes: Math.min(process.batchBytes ?? DEFAULTS.batchBytes, laneBytes >> 2),
    blockBytes: process.blockBytes ?? DEFAULTS.blockBytes,
    // No sequence that the flow does not have: the user's memory may end with it.
    warmUp: Math.min(process.warmUp ?? 0, sequencesOf(pipeline.source)),
    nice: process.nice ?? DEFAULTS.nice,
    processorThread: defined({ resourceLimits, execArgv, env }),
    writer,
    onError,
    onNack,
    restarts: compileRestarts(pipeline.restarts),
    deadLetters: pipeline.deadLetters,
    stallMs: pipeline.stallMs ?? DEFAULTS.stallMs,
  };
}

const sequencesOf = (source: Codec<unknown, never> | SequencesSpec): number =>
  isSequences(source) ? (source.count ?? Number.POSITIVE_INFINITY) : 0;

function compileSource(pipeline: v.InferOutput<typeof pipelineSchema>): CompiledSource {
  const { source } = pipeline;
  if (isSequences(source) && source.count !== undefined)
    return { kind: 'sequences', count: source.count, codec: undefined };
  const bare = isSequences(source);
  return {
    kind: 'ring',
    codec: bare ? undefined : source,
    capacity: pipeline.capacity ?? (bare ? DEFAULTS.bareCapacity : DEFAULTS.capacity),
    dataBytes: pipeline.dataBytes,
    producers: pipeline.producers ?? 0,
  };
}

function checkDestination(
  destination: unknown,
  write: v.InferOutput<typeof writeSchema> | undefined,
  faults: string[],
): CompiledWriter | undefined {
  if (typeof destination === 'function' || isRingSpec(destination)) faults.push(...commitsOfNone(write));
  if (typeof destination === 'function')
    return { kind: 'function', write: destination as WriteFunction<unknown>, close: write?.close };
  if (write?.close !== undefined)
    faults.push('write.close is for a writer that is a function: a module has its own `close`, and a ring none');
  if (isRingSpec(destination)) {
    const ring = check('toRing', ringSchema, destination.options, faults);
    if (ring === undefined) return undefined;
    return {
      kind: 'ring',
      capacity: ring.capacity ?? DEFAULTS.capacity,
      dataBytes: ring.dataBytes,
      readers: ring.readers ?? 8,
      codec: ring.codec,
    };
  }
  if (isWriterSpec(destination)) {
    const { module: url, export: exportName = 'default', data } = destination;
    const own = check('destination', commitSchema, destination, faults);
    return { kind: 'module', module: { url, exportName, data, commit: commitOf(write, own) }, thread: {} };
  }
  const module = checkModule('write', destination, faults);
  if (module === undefined || write === undefined) return undefined;
  const { resourceLimits, execArgv, env } = write;
  return {
    kind: 'module',
    module: { ...module, exportName: write.export ?? 'default', data: write.data, commit: commitOf(write) },
    thread: defined({ resourceLimits, execArgv, env }),
  };
}

function checkModule(where: string, given: unknown, faults: string[]): { url: string } | undefined {
  if (isUrl(given)) return { url: given.href };
  if (typeof given === 'string' && isAbsolute(given)) return { url: pathToFileURL(given).href };
  if (typeof given === 'string' && given !== '') {
    try {
      return { url: new URL(given).href };
    } catch {
      faults.push(
        `${where} got the module ${show(given)}; give an absolute path or URL, such as new URL('./module.js', import.meta.url)`,
      );
      return undefined;
    }
  }
  const also = where === 'write' ? ', a function, or toRing({ … })' : '. Functions cannot be sent to threads';
  faults.push(`${where} got ${show(given)}; give the URL of a module, new URL('./module.js', import.meta.url)${also}`);
  return undefined;
}

/** A URL of any realm or package (jest, jsdom): they all say what they are. */
const isUrl = (value: unknown): value is URL =>
  Object.prototype.toString.call(value) === '[object URL]' && typeof (value as URL).href === 'string';

function check<S extends v.GenericSchema>(
  where: string,
  schema: S,
  given: unknown,
  faults: string[],
): v.InferOutput<S> | undefined {
  const result = v.safeParse(schema, given ?? {}, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const path = v.getDotPath(issue) ?? '';
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const known = Object.keys((schema as unknown as { entries: object }).entries).join(', ');
      faults.push(`${where}.${path} is not an option; the options are: ${known}`);
    } else if (issue.type === 'strict_object') {
      faults.push(`${where}${path === '' ? '' : `.${path}`} is missing, or not an object: ${issue.message}`);
    } else faults.push(`${where}.${path} ${issue.message}`);
  }
  return undefined;
}

function badOptions(faults: readonly string[], cause: unknown): MillraceError {
  const count = faults.length === 1 ? 'one option' : `${faults.length} options`;
  return new MillraceError(
    'BAD_OPTIONS',
    `${count} cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    { cause },
  );
}

/** Of any realm or package. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

function isCodec(value: unknown): value is Codec<unknown, never> {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, schema } = value as { kind?: unknown; schema?: unknown };
  return (kind === 'fixed' || kind === 'variable') && typeof schema === 'object';
}

const isSequences = (value: unknown): value is SequencesSpec =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'sequences';

const isRingSpec = (value: unknown): value is RingSpec<unknown> =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'ring';

const isWriterSpec = (value: unknown): value is WriterSpec =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'writer';

/** Leaves out what is undefined: Node's Worker takes an undefined `env` for an empty one. */
const defined = (options: Record<string, unknown>): ThreadOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as ThreadOptions;
