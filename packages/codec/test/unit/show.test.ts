import { describe, expect, it } from 'vitest';
import { CodecError } from '../../src/index.ts';
import { show } from '../../src/show.ts';

const explode = (): never => {
  throw new Error('the value ran code');
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const trapped = new Proxy(
  {},
  { get: explode, getPrototypeOf: explode, getOwnPropertyDescriptor: explode, ownKeys: explode },
);
class Order {}
class LongName {}
Object.defineProperty(LongName, 'name', { value: 'x'.repeat(1e6) });

const cases: [unknown, string][] = [
  ['x', '"x"'],
  ['a\n"', '"a\\n\\""'],
  ['x'.repeat(1e6), `"${'x'.repeat(60)}"… (1000000 characters)`],
  [-0, '-0'],
  [NaN, 'NaN'],
  [5n, '5n'],
  [2n ** 1_000_000n, 'a bigint of more than 128 bits'],
  [undefined, 'undefined'],
  [null, 'null'],
  [true, 'true'],
  [explode, 'a function'],
  [Symbol('x'.repeat(1e6)), 'a symbol'],
  [{}, 'an object'],
  [Object.create(null), 'an object'],
  [[1, 2], 'an array of 2'],
  [new Array(1e9), 'an array of 1000000000'],
  [new Uint8Array(5), 'a view of 5 bytes'],
  [new Map(), 'an instance of Map'],
  [new Order(), 'an instance of Order'],
  [
    {
      toString: explode,
      [Symbol.toPrimitive]: explode,
      get [Symbol.toStringTag]() {
        return explode();
      },
    },
    'an object',
  ],
  [
    {
      get constructor() {
        return explode();
      },
    },
    'an object',
  ],
  [revoked.proxy, 'an object that cannot be inspected'],
  [trapped, 'an object that cannot be inspected'],
];

describe('show', () => {
  it.each(cases.map(([value, text]) => ({ value, text })))('says $text', ({ value, text }) =>
    expect(show(value)).toBe(text),
  );

  it('cuts the name of a class', () => expect(show(new LongName()).length).toBeLessThan(100));
});

describe('CodecError', () => {
  it('has its code in front of the message, and a cause only if there is one', () => {
    const error = new CodecError('TOO_LARGE', 'it is', { field: 'name', cause: undefined });
    expect(error).toMatchObject({ name: 'CodecError', code: 'TOO_LARGE', field: 'name', message: '[TOO_LARGE] it is' });
    expect('cause' in error).toBe(true);
    expect('cause' in new CodecError('TOO_LARGE', 'it is')).toBe(false);
    expect(String(error)).toBe('CodecError: [TOO_LARGE] it is');
  });
});
