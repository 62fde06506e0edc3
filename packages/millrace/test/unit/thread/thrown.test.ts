import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { packError, unpackError } from '../../../src/thread/error-transfer.ts';
import { messageOf, readable } from '../../../src/thread/thrown.ts';

const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('a trap');
    },
    getPrototypeOf() {
      throw new Error('a trap');
    },
  },
);
const withGetter = Object.defineProperty(new Error(''), 'message', {
  get() {
    throw new Error('a getter');
  },
});

test.each<[string, unknown, string]>([
  ['an error', new TypeError('mine'), 'mine'],
  ['an error of another realm', runInNewContext('new TypeError("there")'), 'there'],
  ['a DOMException', AbortSignal.abort().reason, 'This operation was aborted'],
  ['a text', 'only text', 'only text'],
  ['undefined', undefined, 'undefined'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
])('%s is itself, and has a message', (_, thrown, message) => {
  expect(readable(thrown)).toBe(thrown);
  expect(messageOf(thrown)).toBe(message);
});

test.each<[string, unknown]>([
  ['a Proxy', hostile],
  ['an error whose getter throws', withGetter],
  ['an object without a prototype', Object.create(null)],
])('%s that cannot be looked at is an error that says so, and goes from thread to thread', (_, thrown) => {
  expect(messageOf(thrown)).toBe('what was thrown cannot be read');
  const error = readable(thrown) as Error;
  expect(error.message).toContain('what was thrown cannot be read');
  expect(unpackError(packError(error))).toMatchObject({ message: error.message });
});
