/** Why a ring refused. The list is closed; a new reason gets a new code. */
export type RingErrorCode =
  | 'BAD_OPTION'
  | 'FOREIGN_BUFFER'
  | 'WRONG_KIND'
  | 'WRONG_VERSION'
  | 'WRONG_SIZE'
  | 'TOO_LARGE'
  | 'NOTHING_CLAIMED'
  | 'ALREADY_CLAIMED'
  | 'NO_SLOT_LEFT'
  | 'NOT_PUBLISHED'
  | 'ALREADY_ATTACHED'
  | 'ALREADY_WAITING'
  | 'DETACHED';

/** The one error class of this package. The message starts with `[CODE]` and says what to do. */
export class RingError extends Error {
  readonly code: RingErrorCode;

  constructor(code: RingErrorCode, message: string) {
    super(`[${code}] ${message}`);
    this.name = 'RingError';
    this.code = code;
  }
}
