import { types } from 'node:util';

/** Why the journal refused or failed. The list is closed; a new reason gets a new code. */
export const JOURNAL_ERROR_CODES = [
  /** An option that cannot be used. */
  'BAD_OPTIONS',
  /** There is no journal at this path. */
  'NO_JOURNAL',
  /** Files that this package did not write, or a journal of another kind. */
  'FOREIGN_STORE',
  /** A journal of a later format than this version can read. */
  'NEWER_STORE',
  /** A journal of an earlier format, which this version does not read. */
  'OLDER_STORE',
  /** Files that are cut off, missing or damaged. */
  'TORN_STORE',
  /** The journal holds records of another schema. */
  'SCHEMA_MISMATCH',
  /** Another writer has the journal open, or took it over. */
  'IN_USE',
  /** The disk, or the journal's own limit, is full. */
  'STORE_FULL',
  /** The operating system failed a read or write. */
  'STORE_FAILED',
  /** A batch that does not follow what the journal has. */
  'OUT_OF_ORDER',
  /** An event that is not recorded as it is: its getters append to the journal, or give more at each time they are read. */
  'EVENT_REFUSED',
  /** Items of one event, or an event, that are larger than the journal's staging memory. */
  'RECORD_TOO_LARGE',
  /** The reader asks for what was trimmed. */
  'TRIMMED',
  /** The journal was closed. */
  'CLOSED',
] as const;
export type JournalErrorCode = (typeof JOURNAL_ERROR_CODES)[number];

/** The one error class of this package. The message starts with `[CODE]`, names the path, and says what to do. */
export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(`[${code}] ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'JournalError';
    this.code = code;
  }
}

/** An error of the operating system, with its path and what can be done. */
export function storeFailure(cause: unknown, dir: string): JournalError {
  const message = messageOf(cause);
  const remedy = 'what was committed before is whole; see the cause, repair it, and start again';
  return new JournalError('STORE_FAILED', `the journal ${dir} could not be read or written: ${message}: ${remedy}`, {
    cause,
  });
}

/** Never throws: anything may have been thrown. */
function messageOf(cause: unknown): string {
  try {
    return isError(cause) ? cause.message : String(cause);
  } catch {
    return 'what was thrown cannot be read';
  }
}

/** Of any realm. */
const isError = (value: unknown): value is Error => types.isNativeError(value) || value instanceof Error;
