/**
 * What the main thread and a processor or writer thread tell each other while starting and ending. Never events or items:
 * data moves through shared memory alone.
 */

import type { MessagePort } from 'node:worker_threads';
import type { BatchOptions } from './batch-rule.ts';
import type { CommitOptions } from './commit-rule.ts';
import type { Declaration } from './declaration.ts';
import type { Packed } from './error-transfer.ts';
import type { DeadLetter } from './failure-policy.ts';
import type { FlowPlan } from './plan.ts';
import type { DirectOutput } from './thread-output.ts';

export type ToThread =
  /** Every module is loaded and the memory is there: attach to it, run `init`, warm up, then say `ready`. */
  | {
      readonly type: 'start';
      readonly plan: FlowPlan;
      readonly index: number;
      readonly warmUp: number;
      readonly nice: number;
      readonly succeeds: Succession | undefined;
    }
  /** Every thread is ready: begin. */
  | { readonly type: 'go' }
  /** Starting failed elsewhere: end. */
  | { readonly type: 'cancel' }
  /** The same, for a thread that has not come to look: end wherever no file is open. */
  | { readonly type: 'leave' }
  /** The dead letter is safe. */
  | { readonly type: 'buried' };

/** What a thread that takes the place of a dead one is told beside. */
export interface Succession {
  /** A processor: an event that was given up, because it killed its thread again and again. */
  readonly poison: number | undefined;
}

export type FromThread =
  /** The user's module is loaded; this is what it declares. */
  | { readonly type: 'loaded'; readonly declaration: Declaration }
  /** `init` has run, the code is warm. */
  | { readonly type: 'ready' }
  /** Takes a dead letter; `buried` is awaited. One at a time, so that they are bounded as well. */
  | { readonly type: 'deadLetter'; readonly letter: DeadLetter; readonly cause: Packed }
  /** The duty cycle threw; the thread disposes of what it has, and ends with the same error. */
  | { readonly type: 'failed'; readonly error: Packed }
  /** Code of the user's threw, or left a rejection, where nobody catches it: in a timer, a callback, a forgotten promise. */
  | { readonly type: 'stray'; readonly error: Packed }
  /** A drained flow's thread calls the user's `close` or `dispose`. */
  | { readonly type: 'ending'; readonly part: EndingPart }
  /** The writer: a fresh thread is to compute again what processor `processor` computed, from the head of line on. */
  | { readonly type: 'recompute'; readonly processor: number };

/** User code with which a thread ends. */
export type EndingPart = 'close' | 'dispose';

/** What a thread's task resolves to. */
export type ThreadResult =
  /** It did all there was to do, or was stopped. */
  | { readonly type: 'ended' }
  /** The same, and code of the user's has failed where nobody catches it. */
  | { readonly type: 'stray'; readonly error: Packed }
  /** The user's code or ours threw. */
  | { readonly type: 'failed'; readonly error: Packed };

/** Which export of which module a thread loads, and what its `init` gets. */
export interface ModuleRef {
  readonly url: string;
  readonly exportName: string;
  readonly data: unknown;
  /** Of a writer: which batches it gets and when it commits, where that was given. */
  readonly writing?: (BatchOptions & CommitOptions) | undefined;
}

/** The task that a thread of the pool is given. */
export interface ThreadTask {
  readonly module: ModuleRef | undefined;
  readonly output: DirectOutput;
  readonly port: MessagePort;
}
