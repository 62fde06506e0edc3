/** Looking at what was thrown, which may be anything: also a Proxy, or an error whose getters throw. */
import { types } from 'node:util';

/** An error of any realm (vm, jest), a DOMException, or an object that inherits from an error. Throws where a Proxy does. */
export const isError = (value: unknown): value is Error =>
  types.isNativeError(value) || value instanceof Error || /^\[object (Error|DOMException)\]$/.test(tagOf(value));

export const isDomException = (value: unknown): boolean => tagOf(value) === '[object DOMException]';

const tagOf = (value: unknown): string => Object.prototype.toString.call(value);

/** Its message, or it as text. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return isError(thrown) ? String(thrown.message) : String(thrown);
  } catch {
    return 'what was thrown cannot be read';
  }
}

/** The same, or an error in its place where looking at it throws. */
export function readable(thrown: unknown): unknown {
  try {
    if (isError(thrown)) void [thrown.name, thrown.message, thrown.stack, thrown.cause];
    else String(thrown);
    return thrown;
  } catch (cause) {
    const why = messageOf(cause);
    return new Error(`what was thrown cannot be read: looking at it throws ${JSON.stringify(why)}`);
  }
}
