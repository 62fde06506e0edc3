/** Why a codec refused. The list is closed: a `switch` over it can be exhaustive. */
export type CodecErrorCode =
  /** The value is of another kind than the codec takes: a string for a number, a number for a struct. */
  | 'WRONG_TYPE'
  /** A number that the type cannot hold: too large, too small, not an integer. */
  | 'OUT_OF_RANGE'
  /** A field of the struct is `undefined` or absent. */
  | 'MISSING_FIELD'
  /** More bytes than the limit in the codec's definition. */
  | 'TOO_LARGE'
  /** Text with half a surrogate pair: it has no UTF-8 form. */
  | 'ILL_FORMED_TEXT'
  /** Nested deeper than `MAX_DEPTH`. */
  | 'TOO_DEEP'
  /** A value that would not come back as it went in: a function, a symbol, an instance of a class. */
  | 'UNSUPPORTED_VALUE'
  /** Reading the value threw: a getter, a Proxy, a detached buffer. `cause` is what it threw. */
  | 'UNREADABLE_VALUE'
  /** A field of a view was assigned that shows what others still read: an event, or an item of a batch. */
  | 'READ_ONLY'
  /** The definition of a codec or a schema is wrong; the message lists every fault. */
  | 'BAD_SCHEMA'
  /** Bytes which this codec did not write. */
  | 'BAD_BYTES';

/** The only error class of this package. The message starts with `[CODE]` and is at most a few hundred characters long. */
export class CodecError extends Error {
  readonly code: CodecErrorCode;
  /** Where in the value: a field's name, or a path such as `.orders[3].price`; absent when it is the value itself. */
  readonly field: string | undefined;

  constructor(code: CodecErrorCode, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(`[${code}] ${message}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.field = options.field;
  }

  override get name(): string {
    return 'CodecError';
  }
}
