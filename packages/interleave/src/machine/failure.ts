import type { Race } from './races.ts';

export type FailureKind =
  /** Two unordered accesses to one byte, not both atomic, not both reads. */
  | 'race'
  /** A thread wrote a word that another one owns (`own`). */
  | 'owner'
  /** Some thread sleeps, no thread can go on. */
  | 'deadlock'
  /** All threads that have not ended spin, and none would find anything new. */
  | 'livelock'
  /** A body or `after` threw. */
  | 'assertion'
  /** `invariant` threw. */
  | 'invariant'
  /** The exploration would not have been complete. */
  | 'step-cap'
  | 'execution-cap'
  | 'state-cap'
  | 'time-cap'
  /** A body did something else when it was run again with the same results. */
  | 'nondeterminism';

/** What went wrong in one execution. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** What was thrown, for assertions. */
  readonly cause?: unknown;
  readonly race?: Race;
}

export const newFailure = (kind: FailureKind, message: string, cause?: unknown): Failure => ({ kind, message, cause });
