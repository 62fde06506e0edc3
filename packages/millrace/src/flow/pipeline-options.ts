/** Options of `pipeline`: as given, checked, and compiled. */
import type { Codec } from '@millrace/codec';
import { MAX_DATA_BYTES, MAX_READERS, MAX_RING_RECORDS, mostDataBytes } from 'native-free-rings';
import * as v from 'valibot';
import type { WaitName } from '../thread/plan.ts';
import { check } from './check-options.ts';
import {
  type CompiledRestarts,
  compileRestarts,
  deadLettersSchema,
  type RestartOptions,
  restartsSchema,
  type TakeDeadLetter,
} from './failure-options.ts';
import { endless, integer, isCodec, milliseconds, show, text } from './option-schemas.ts';
import { type SequencesSpec, startFault } from './sequences.ts';

export interface PipelineOptions<Event, EventInput = Event> {
  /** What the events are: a codec (events are published into a ring), or `sequences(n)`. */
  source: Codec<Event, EventInput> | SequencesSpec;
  /** Events that the source ring holds, rounded up to a power of two. Default 4,096; of bare sequences 2^20, which cost no memory. */
  capacity?: number;
  /**
   * Bytes of data of a source ring whose events vary in length, rounded up to a power of two. An event takes half of them at
   * most, wherever the ring stands. With `producers` each of them, and this thread, has so much for its own events: 1 GiB in all
   * at most. Default 64 a record, at least 64 KiB. Memory that no event has touched is not taken.
   */
  dataBytes?: number;
  /** How many producer handles other threads may attach, beside `publish` on this thread. Default 0. */
  producers?: number;
  /** Shown in the names of threads and in the warning of a stall. Default "millrace". */
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

/** What `pipeline` says of a flow, every default filled in. */
export interface CompiledPipeline {
  readonly name: string;
  readonly wait: WaitName;
  readonly startAt: number;
  readonly ticketMs: number;
  readonly startTimeoutMs: number;
  readonly graceMs: number;
  readonly source: CompiledSource;
  readonly restarts: CompiledRestarts;
  readonly deadLetters: TakeDeadLetter | undefined;
  readonly stallMs: number;
}

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

const DEFAULTS = {
  capacity: 4_096,
  bareCapacity: 2 ** 20,
  ticketMs: 2,
  startTimeoutMs: 60_000,
  graceMs: 1_000,
  stallMs: 10_000,
} as const;

export type GivenPipeline = PipelineOptions<unknown, never>;

export const checkPipeline = (given: unknown, faults: string[]): GivenPipeline | undefined =>
  check('pipeline', pipelineSchema, given, faults);

/** The faults of options that do not go with the source. */
export function sourceFaults(pipeline: GivenPipeline): string[] {
  const { source, startAt = 0 } = pipeline;
  const fault = startFault(startAt, isSequences(source) ? source.count : undefined);
  const faults = fault === undefined ? [] : [fault];
  if (!isSequences(source)) return [...faults, ...dataFaults(pipeline)];
  const without =
    source.count === undefined
      ? (['dataBytes', 'producers'] as const)
      : (['capacity', 'dataBytes', 'producers'] as const);
  for (const key of without) {
    if (pipeline[key] !== undefined)
      faults.push(`pipeline.${key} is for a ring of events, which bare sequences do not have: leave it out`);
  }
  return faults;
}

function dataFaults({ dataBytes = 0, producers = 0 }: GivenPipeline): string[] {
  const most = mostDataBytes(1 + producers);
  if (!(dataBytes > most)) return [];
  return [
    `pipeline.dataBytes is ${dataBytes} for each of ${producers} producers and this thread; they take ${most} each at most: give fewer bytes or producers`,
  ];
}

export function compilePipeline(given: GivenPipeline): CompiledPipeline {
  return {
    name: given.name ?? 'millrace',
    wait: given.wait ?? 'adaptive',
    startAt: given.startAt ?? 0,
    ticketMs: given.ticketMs ?? DEFAULTS.ticketMs,
    startTimeoutMs: given.startTimeoutMs ?? DEFAULTS.startTimeoutMs,
    graceMs: given.graceMs ?? DEFAULTS.graceMs,
    source: compileSource(given),
    restarts: compileRestarts(given.restarts),
    deadLetters: given.deadLetters,
    stallMs: given.stallMs ?? DEFAULTS.stallMs,
  };
}

function compileSource(pipeline: GivenPipeline): CompiledSource {
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

const isSequences = (value: unknown): value is SequencesSpec =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'sequences';
