/**
 * Carries errors between threads. `postMessage` keeps an error's message and stack and loses its class, code, cause and own
 * properties; here they arrive, with causes and aggregated errors, to a depth that ends.
 */
import { ERROR_CODES, type ErrorCode, MillraceError } from './errors.ts';

export interface PackedError {
  readonly kind: 'error';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly properties: Record<string, unknown>;
  readonly cause: PackedError | PackedValue | undefined;
  readonly errors: readonly (PackedError | PackedValue)[] | undefined;
}
export interface PackedValue {
  readonly kind: 'value';
  readonly value: unknown;
}
export type Packed = PackedError | PackedValue;

const MOST_CAUSES = 8;
const SKIPPED = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** Anything that was thrown, as plain data that `postMessage` takes. Never throws. */
export function packError(thrown: unknown, depth = 0): Packed {
  try {
    if (!(thrown instanceof Error)) return { kind: 'value', value: clonable(thrown) };
    const properties: Record<string, unknown> = {};
    for (const key of Object.keys(thrown)) {
      if (!SKIPPED.has(key)) properties[key] = clonable((thrown as unknown as Record<string, unknown>)[key]);
    }
    const more = depth < MOST_CAUSES;
    const errors = (thrown as Partial<AggregateError>).errors;
    return {
      kind: 'error',
      name: String(thrown.name),
      message: String(thrown.message),
      stack: thrown.stack === undefined ? undefined : String(thrown.stack),
      properties,
      cause: thrown.cause === undefined || !more ? undefined : packError(thrown.cause, depth + 1),
      errors: Array.isArray(errors) && more ? errors.map((error) => packError(error, depth + 1)) : undefined,
    };
  } catch {
    return { kind: 'value', value: 'an error that could not be read' };
  }
}

const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** The error again. A built-in class or MillraceError is restored; of any other class the name and properties are. */
export function unpackError(packed: Packed): unknown {
  if (packed.kind === 'value') return packed.value;
  const cause = packed.cause === undefined ? undefined : unpackError(packed.cause);
  const { code } = packed.properties as { code?: unknown };
  let error: Error;
  if (packed.name === 'MillraceError' && ERROR_CODES.includes(code as ErrorCode)) {
    error = new MillraceError(code as ErrorCode, '');
  } else if (packed.errors !== undefined) {
    error = new AggregateError(packed.errors.map(unpackError), packed.message);
  } else {
    error = new (CLASSES[packed.name] ?? Error)(packed.message);
  }
  Object.assign(error, packed.properties);
  hidden(error, 'message', packed.message);
  if (error.name !== packed.name) hidden(error, 'name', packed.name);
  if (packed.stack !== undefined) hidden(error, 'stack', packed.stack);
  if (cause !== undefined) hidden(error, 'cause', cause);
  return error;
}

function hidden(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

function clonable(value: unknown): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol'))
    return value;
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}
