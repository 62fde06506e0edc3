import { availableParallelism } from 'node:os';
import { type Codec, codecFromSchema, describeSchema, type Schema, sameSchema } from '@millrace/codec';
import {
  createEventRing,
  createLane,
  type EventRingHandle,
  type FreeSpace,
  mostDataBytes,
  openEventRing,
} from 'native-free-rings';
import { createTicketLog } from '../order/ticket-log-descriptor.ts';
import { createCheckpoints } from '../thread/checkpoints.ts';
import { createControl, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { createCounters } from '../thread/counters.ts';
import { MillraceError } from '../thread/errors.ts';
import { createOrigins, type OriginsHandle } from '../thread/item-origins.ts';
import { laneAlign } from '../thread/lane-layout.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { CompiledOptions } from './options.ts';

/** The codecs that the threads found in the user's modules. */
export interface LoadedCodecs {
  /** By processor thread: all the same. */
  readonly input: Schema | undefined;
  readonly output: Schema | undefined;
  /** Of the writer's module; undefined where the writer is not a module. */
  readonly writerInput: Schema | undefined;
}

/** Allocates all shared memory of a flow (I3: fixed when the flow starts), after the codecs were found to fit together. */
export function planMemory(options: CompiledOptions, codecs: LoadedCodecs): FlowPlan {
  const events = options.source.codec?.schema;
  expectSame('the source', events, 'the processor’s `input`', codecs.input);
  if (options.writer.kind === 'module' && codecs.writerInput !== undefined) {
    expectSame('the processor’s `output`', codecs.output, 'the writer’s `input`', codecs.writerInput);
  }
  if (options.writer.kind === 'ring' && options.writer.codec !== undefined) {
    expectSame('the processor’s `output`', codecs.output, '`codec` of toRing', options.writer.codec.schema);
  }
  const { processors, startAt } = options;
  const laneStart = startAt - (startAt % 8);
  const align = laneAlign(codecs.output && codecFromSchema(codecs.output));
  const destination = planDestination(options, codecs.output);
  return {
    name: options.name,
    control: createControl(processors, startAt),
    counters: createCounters(FIRST_PROCESSOR + processors),
    tickets: createTicketLog(startAt),
    checkpoints: createCheckpoints(processors, startAt, laneStart),
    lanes: Array.from({ length: processors }, () =>
      createLane({ capacityBytes: options.laneBytes, align, start: laneStart }),
    ),
    laneBytes: options.laneBytes,
    source: { ring: planSource(options), events },
    destination,
    origins: destination && planOrigins(options, destination),
    readyAt: destination && planReadyAt(options, destination),
    items: codecs.output,
    wait: options.wait,
    busyThreads: processors + 1,
    cores: availableParallelism(),
    ticketMs: options.ticketMs,
    batchBytes: options.batchBytes,
    blockBytes: options.blockBytes,
    startTimeoutMs: options.startTimeoutMs,
    onError: options.onError,
    onNack: options.onNack,
  };
}

/** Ranges of skipped sequences that are not published: 32 bytes each, which nobody touches where nothing is skipped. */
const MOST_SKIPS = 4_096;

function planSource({ source, startAt }: CompiledOptions): EventRingHandle | undefined {
  if (source.kind === 'sequences') return undefined;
  // The flow's own place among the readers is the first; it gates the producers.
  return createEventRing({
    capacity: source.capacity,
    readers: 1,
    producers: 1 + source.producers,
    skips: Math.min(source.capacity, MOST_SKIPS),
    start: startAt,
    ...recordSize(source.codec, source.capacity, source.dataBytes, 1 + source.producers),
  });
}

function planDestination({ writer }: CompiledOptions, output: Schema | undefined): EventRingHandle | undefined {
  if (writer.kind !== 'ring') return undefined;
  if (output === undefined) {
    throw new MillraceError(
      'BAD_MODULE',
      'the processor has no `output`, so nothing can be written to a ring: name its codec',
    );
  }
  const { capacity, readers, dataBytes } = writer;
  return createEventRing({ capacity, readers, ...recordSize(codecFromSchema(output), capacity, dataBytes) });
}

function planOrigins({ writer }: CompiledOptions, destination: EventRingHandle): OriginsHandle | undefined {
  if (writer.kind !== 'ring' || !writer.sequences) return undefined;
  return createOrigins(openEventRing(destination).capacity);
}

function planReadyAt({ writer }: CompiledOptions, destination: EventRingHandle): FreeSpace | undefined {
  const readyAt = writer.kind === 'ring' ? writer.readyAt : 1;
  if (readyAt === 1) return undefined;
  if (readyAt > 1) return { records: readyAt, bytes: 0 };
  const { capacity, dataBytes } = openEventRing(destination);
  return { records: Math.ceil(readyAt * capacity), bytes: Math.ceil(readyAt * dataBytes) };
}

/** Bytes of data for each record of varying length, and in all at least, unless the user says how many. */
const TYPICAL_RECORD_BYTES = 64;
const LEAST_DATA_BYTES = 64 * 1024;

function recordSize(
  codec: Codec<unknown, never> | undefined,
  capacity: number,
  dataBytes: number | undefined,
  producers = 1,
) {
  if (codec === undefined) return {};
  if (codec.kind === 'fixed') return { slotBytes: codec.size };
  return {
    dataBytes:
      dataBytes ?? Math.min(Math.max(capacity * TYPICAL_RECORD_BYTES, LEAST_DATA_BYTES), mostDataBytes(producers)),
  };
}

function expectSame(left: string, a: Schema | undefined, right: string, b: Schema | undefined): void {
  if (a === undefined && b === undefined) return;
  if (a !== undefined && b !== undefined && sameSchema(a, b)) return;
  const describe = (schema: Schema | undefined): string =>
    schema === undefined ? 'no codec (bare sequences)' : describeSchema(schema);
  throw new MillraceError(
    'CODEC_MISMATCH',
    `${left} has ${describe(a)} and ${right} has ${describe(b)}: use one codec for both, exported from one module`,
  );
}
