/** Options of `.process(…)`: as given, checked, and compiled. */
import { availableParallelism } from 'node:os';
import { MAX_LANE_BYTES, MIN_LANE_BYTES } from 'native-free-rings';
import * as v from 'valibot';
import { MAX_PROCESSORS } from '../order/ticket-log-descriptor.ts';
import type { ModuleRef } from '../thread/messages.ts';
import { check } from './check-options.ts';
import { type FailureOption, failureSchema } from './failure-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { integer, text } from './option-schemas.ts';
import type { CompiledSource } from './pipeline-options.ts';
import { threadEntries, threadOptionsOf } from './thread-options.ts';

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

/** What `.process(…)` says of a flow, every default filled in. */
export interface CompiledProcess {
  readonly module: ModuleRef;
  readonly processors: number;
  readonly laneBytes: number;
  readonly batchBytes: number;
  readonly blockBytes: number;
  readonly warmUp: number;
  readonly nice: number;
  readonly processorThread: ThreadOptions;
}

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

const DEFAULTS = {
  laneBytes: 1024 * 1024,
  batchBytes: 16 * 1024,
  blockBytes: 64 * 1024,
  nice: 0,
} as const;

export const checkProcess = (given: unknown, faults: string[]): ProcessOptions | undefined =>
  check('process', processSchema, given, faults);

export function compileProcess(
  given: ProcessOptions,
  module: { url: string },
  source: CompiledSource,
): CompiledProcess {
  const laneBytes = given.laneBytes ?? DEFAULTS.laneBytes;
  return {
    module: { ...module, exportName: given.export ?? 'default', data: given.data },
    processors: given.threads ?? Math.min(availableParallelism(), MAX_PROCESSORS),
    laneBytes,
    batchBytes: Math.min(given.batchBytes ?? DEFAULTS.batchBytes, laneBytes >> 2),
    blockBytes: given.blockBytes ?? DEFAULTS.blockBytes,
    // No sequence that the flow does not have: the user's memory may end with it.
    warmUp: Math.min(given.warmUp ?? 0, sequencesOf(source)),
    nice: given.nice ?? DEFAULTS.nice,
    processorThread: threadOptionsOf(given),
  };
}

/** How many sequences the flow may have; 0 where they come with events, which no warm-up has. */
function sequencesOf(source: CompiledSource): number {
  if (source.kind === 'sequences') return source.count;
  return source.codec === undefined ? Number.POSITIVE_INFINITY : 0;
}
