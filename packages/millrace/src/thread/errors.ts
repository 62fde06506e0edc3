import { messageOf, readable } from './thrown.ts';

/** Why Millrace refused or ended. The list is closed; a new reason gets a new code. */
export const ERROR_CODES = [
  'BAD_OPTIONS',
  'BAD_MODULE',
  'MODULE_FAILED',
  'START_TIMEOUT',
  'CODEC_MISMATCH',
  'PROCESSOR_FAILED',
  'WRITER_FAILED',
  'THREAD_DIED',
  'ITEM_TOO_LARGE',
  'EMIT_REFUSED',
  'EVENT_REFUSED',
  'FLOW_ENDED',
  'FLOW_STOPPED',
  'NO_RESULTS',
  'NOT_A_RING_SOURCE',
  'STREAM_FAILED',
  'HANDLE_REVOKED',
  'MAIN_THREAD',
  'NO_PLACE_LEFT',
  'WAITS_FOR_ITSELF',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export interface ErrorDetails {
  cause?: unknown;
  /** The sequence that was being processed or delivered. */
  sequence?: number | undefined;
  /** The thread it happened on, such as "processor 1". */
  thread?: string | undefined;
}

/** The one error class of Millrace. The message starts with `[CODE]` and says what to do. */
export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly sequence: number | undefined;
  readonly thread: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(`[${code}] ${message}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.sequence = details.sequence;
    this.thread = details.thread;
  }

  /** The message without its code. */
  get text(): string {
    return this.message.replace(/^\[\w+\] /, '');
  }
}

/** Thrown through a user's code inside `emit` to end a thread whose flow is being stopped. Not an error of anybody. */
export class FlowStopped extends Error {
  constructor() {
    super('the flow is being stopped');
    this.name = 'FlowStopped';
  }
}

/** What a flow fails of is an error of ours, whatever was thrown, with that as its cause. */
export function asMillraceError(thrown: unknown, code: ErrorCode, who: string, thread?: string): MillraceError {
  const cause = readable(thrown);
  if (cause instanceof MillraceError) return cause;
  return new MillraceError(code, `${who} failed: ${messageOf(cause)}`, { cause, thread });
}
