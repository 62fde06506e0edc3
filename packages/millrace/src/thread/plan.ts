import type { Schema } from '@millrace/codec';
import type { EventRingHandle, FreeSpace, LaneHandle } from 'native-free-rings';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import type { CheckpointsHandle } from './checkpoints.ts';
import type { ControlHandle } from './control-block.ts';
import type { FailurePolicy } from './failure-policy.ts';
import type { OriginsHandle } from './item-origins.ts';

/** Names of the wait strategies; see native-free-rings. */
export type WaitName = 'park' | 'spin' | 'adaptive';

/** All shared memory of a flow and what goes with it: one plain object, the same for every thread. */
export interface FlowPlan {
  readonly name: string;
  readonly control: ControlHandle;
  readonly counters: SharedArrayBuffer;
  readonly tickets: TicketLogHandle;
  readonly checkpoints: CheckpointsHandle;
  /** By processor. */
  readonly lanes: readonly LaneHandle[];
  /** Bytes that each of them was asked to hold. */
  readonly laneBytes: number;
  readonly source: SourcePlan;
  /** Present when the destination is a ring. */
  readonly destination: EventRingHandle | undefined;
  /** Of which sequences its items are; present when it keeps that. */
  readonly origins: OriginsHandle | undefined;
  /** What has to be free of it before a writer goes on that found it full; undefined: room for the next item. */
  readonly readyAt: FreeSpace | undefined;
  /** What the items are; undefined for a processor that emits nothing. */
  readonly items: Schema | undefined;
  readonly wait: WaitName;
  /** Threads that may be busy at one time, for `adaptive`. */
  readonly busyThreads: number;
  readonly cores: number;
  readonly ticketMs: number;
  readonly batchBytes: number;
  /** Bytes of items that the writer takes at once at most. */
  readonly blockBytes: number;
  /** How long user code that has to be waited for at the start and at the end may take. */
  readonly startTimeoutMs: number;
  /** What is done about an event that fails, and about a batch that is refused. */
  readonly onError: FailurePolicy;
  readonly onNack: FailurePolicy;
}

export interface SourcePlan {
  /** Undefined: sequences that are all there from the start. */
  readonly ring: EventRingHandle | undefined;
  /** Undefined: bare sequences. */
  readonly events: Schema | undefined;
}
