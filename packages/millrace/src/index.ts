/** Ordered parallel computation on all cores. See README.md; the words are in docs/glossary.md. */
export {
  bool,
  bytes,
  type Codec,
  CodecError,
  codecFromSchema,
  type FixedCodec,
  f32,
  f64,
  type Infer,
  i8,
  i16,
  i32,
  i64,
  type Memory,
  safeInt,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  type VariableCodec,
  value,
} from '@millrace/codec';
export type { FailureOption, RestartOptions, TakeDeadLetter } from './flow/failure-options.ts';
export type { FlowEvents, PublishOptions } from './flow/flow-events.ts';
export {
  attachProducer,
  attachReader,
  type BaseProducer,
  type Producer,
  type ProducerHandle,
  type Reader,
  type ReaderHandle,
} from './flow/handles.ts';
export type { FlowState } from './flow/lifecycle.ts';
export {
  type ItemsOf,
  type ProcessedStage,
  pipeline,
  type ReadyStage,
  type SourceStage,
} from './flow/pipeline.ts';
export type { PipelineOptions } from './flow/pipeline-options.ts';
export type { ProcessOptions } from './flow/process-options.ts';
export type {
  ArrayFlow,
  ArrayProducer,
  FlowOf,
  ProducerOf,
  SkippingFlow,
  StructFlow,
  StructProducer,
} from './flow/producing.ts';
export type { Publishable } from './flow/publishable.ts';
export type { RestartDetails } from './flow/restart-limit.ts';
export type { Results } from './flow/results.ts';
export type { ItemBatch, SequencedBatch } from './flow/ring-batch.ts';
export { type SequencesSpec, sequences } from './flow/sequences.ts';
export {
  type ShutdownOnOptions,
  type ShutdownOptions,
  type ShutdownReport,
  shutdown,
  shutdownOn,
} from './flow/shutdown.ts';
export type { Flow } from './flow/source-flow.ts';
export type { StartOptions } from './flow/start-options.ts';
export type { FlowStats, HeadOfLine, ThreadStats } from './flow/stats.ts';
export { threadFiles } from './flow/thread-files.ts';
export { type RingSpec, type ToRingOptions, toRing } from './flow/to-ring.ts';
export type { WriteFunction, WriteFunctionOptions, WriteOptions, WriterSpec } from './flow/write-options.ts';
export { type Processor, type ProcessorContext, type ProcessorDefinition, processor } from './processor/definition.ts';
export type { ClaimOutput, EmitOutput, Output, StructOutput } from './processor/output.ts';
export type { BatchOptions } from './thread/batch-rule.ts';
export type { Cause } from './thread/causes.ts';
export type { CommitOptions } from './thread/commit-rule.ts';
export { type ErrorCode, MillraceError } from './thread/errors.ts';
export type { DeadLetter, FailurePolicy } from './thread/failure-policy.ts';
export type { Batch, BatchRuns, ItemsBatch, Segment } from './writer/batch.ts';
export { type Progress, type Writer, type WriterContext, type WriterDefinition, writer } from './writer/definition.ts';
export { Nack, type NackOptions } from './writer/nack.ts';
