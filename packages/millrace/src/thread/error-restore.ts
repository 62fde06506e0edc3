/** The other half of error-transfer.ts: makes errors of the data that came. */
import type { Packed, PackedError } from './error-transfer.ts';
import { ERROR_CODES, type ErrorCode, MillraceError } from './errors.ts';

const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

export function restoreError(packed: Packed): unknown {
  switch (packed.kind) {
    case 'value':
      return packed.value;
    case 'error':
      return errorOf(packed);
    case 'array':
      return packed.items.map(restoreError);
    case 'set':
      return new Set(packed.items.map(restoreError));
    case 'map':
      return new Map(packed.entries.map(([key, value]) => [restoreError(key), restoreError(value)]));
    case 'object': {
      const object = {};
      for (const [key, value] of packed.properties) define(object, key, restoreError(value), true);
      return object;
    }
  }
}

/** A built-in class or MillraceError is restored; of any other class its name, and what built-in class is above it. */
function errorOf(packed: PackedError): Error {
  const error = emptyOf(packed);
  for (const [key, value] of packed.properties) define(error, key, restoreError(value), true);
  if (error.message !== packed.message) define(error, 'message', packed.message);
  if (error.name !== packed.name) define(error, 'name', packed.name);
  if (packed.stack !== undefined) define(error, 'stack', packed.stack);
  if (packed.cause !== undefined) define(error, 'cause', restoreError(packed.cause));
  if (packed.errors !== undefined) define(error, 'errors', restoreError(packed.errors));
  return error;
}

function emptyOf({ classes, name, message, properties }: PackedError): Error {
  const code = properties.find(([key]) => key === 'code')?.[1];
  if (name === 'MillraceError' && code?.kind === 'value' && ERROR_CODES.includes(code.value as ErrorCode)) {
    // Its message has the code in front already.
    const error = new MillraceError(code.value as ErrorCode, '');
    define(error, 'message', message);
    return error;
  }
  if (classes[0] === 'DOMException') return new DOMException(message, name);
  const own = classes[0] ?? 'Error';
  const above = classes.find((each) => each === 'AggregateError' || CLASSES[each] !== undefined) ?? 'Error';
  const error = above === 'AggregateError' ? new AggregateError([], message) : new CLASSES[above]!(message);
  if (own !== above) Object.setPrototypeOf(error, prototypeOf(own, Object.getPrototypeOf(error) as object));
  return error;
}

/** A class of that name, so that the error shows as one of it. */
function prototypeOf(name: string, above: object): object {
  const Class = { [name]: class {} }[name]!;
  return Object.create(above, { constructor: { value: Class, writable: true, configurable: true } }) as object;
}

/** Not by assignment, which would call the setter of `__proto__`. */
function define(object: object, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(object, key, { value, writable: true, configurable: true, enumerable });
}
