import type { RestartDetails } from './restart-limit.ts';
import type { HeadOfLine } from './stats.ts';

/** Events of a flow as an EventEmitter. */
export interface FlowEvents {
  /** Something threw, or more threads died than `restarts` bears; the flow ends. */
  error: [error: unknown];
  /** A thread died, and another one takes its place: which ("processor 1"), of what, and after which pause. */
  restart: [thread: string, cause: unknown, details: RestartDetails];
  /**
   * The head of line has not moved for `stallMs`: which sequence, on which thread, and why. Emitted again while it lasts.
   * Where nobody listens, the process is warned once for each head (`process.on('warning')`, code MILLRACE_STALL): who waits for
   * what, and what to do.
   */
  stall: [head: HeadOfLine];
  /** Every thread has ended; how. */
  exit: [state: 'ended' | 'stopped' | 'failed'];
}

export interface PublishOptions {
  /** Gives up waiting for room; rejects with the signal's reason. Events that were published before stay published. */
  signal?: AbortSignal;
}
