import { describe, expect, test } from 'vitest';
import { packError, unpackError } from '../../../src/thread/error-transfer.ts';
import { ERROR_CODES, MillraceError } from '../../../src/thread/errors.ts';

/** Through what `postMessage` does to it. */
const carry = (thrown: unknown): unknown => unpackError(structuredClone(packError(thrown)));
const carryError = (thrown: unknown): Error & Record<string, unknown> =>
  carry(thrown) as Error & Record<string, unknown>;

describe('an error that crosses threads', () => {
  test.each([Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])(
    'keeps its class: %o',
    (Class) => {
      const error = carryError(new Class('what went wrong'));
      expect(error).toBeInstanceOf(Class);
      expect(error.constructor).toBe(Class);
      expect(error.message).toBe('what went wrong');
      expect(Object.keys(error)).toEqual([]);
    },
  );

  test('keeps its stack, name, code and own properties', () => {
    class Refused extends TypeError {
      override name = 'Refused';
      code = 'E_REFUSED';
      details = { limit: 5n, at: new Date(7), list: [1, Number.NaN] };
    }
    const before = new Refused('no');
    const error = carryError(before);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'Refused', code: 'E_REFUSED', message: 'no' });
    expect(error.details).toEqual(before.details);
    expect(error.stack).toBe(before.stack);
    expect(Object.getOwnPropertyDescriptor(error, 'stack')?.enumerable).toBe(false);
  });

  test.each(ERROR_CODES)('is a MillraceError again: %s', (code) => {
    const before = new MillraceError(code, 'text', {
      sequence: 2 ** 40,
      thread: 'processor 3',
      cause: new RangeError('why'),
    });
    const error = carryError(before);
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({
      code,
      sequence: 2 ** 40,
      thread: 'processor 3',
      message: `[${code}] text`,
      name: 'MillraceError',
    });
    expect((error as unknown as MillraceError).text).toBe('text');
    expect(error.cause).toBeInstanceOf(RangeError);
  });

  test('is no MillraceError for a code that there is not', () => {
    const error = carryError(Object.assign(new Error('x'), { name: 'MillraceError', code: 'NONE' }));
    expect(error).not.toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ name: 'MillraceError', code: 'NONE' });
  });

  test('keeps its causes, errors or not', () => {
    const error = carryError(new Error('a', { cause: new TypeError('b', { cause: { reason: 'c' } }) }));
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).cause).toEqual({ reason: 'c' });
    expect(Object.keys(error)).toEqual([]);
    expect('cause' in carryError(new Error('none'))).toBe(false);
  });

  test('keeps aggregated errors', () => {
    const error = carryError(
      new AggregateError([new TypeError('a'), 'b', new MillraceError('THREAD_DIED', 'c')], 'all'),
    ) as unknown as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.message).toBe('all');
    expect(error.errors[0]).toBeInstanceOf(TypeError);
    expect(error.errors[1]).toBe('b');
    expect(error.errors[2]).toBeInstanceOf(MillraceError);
  });

  test('ends where causes go in circles, or on for ever', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    let depth = 0;
    for (let at = carryError(circle) as Error | undefined; at !== undefined; at = at.cause as Error | undefined)
      depth++;
    expect(depth).toBeGreaterThan(3);
    expect(depth).toBeLessThan(20);
    let chain = new Error('deepest');
    for (let i = 0; i < 10_000; i++) chain = new Error('link', { cause: chain });
    expect(carryError(chain).message).toBe('link');
    const aggregate = new AggregateError([], 'itself');
    aggregate.errors.push(aggregate);
    expect(carryError(aggregate).message).toBe('itself');
  });

  test('shows as text what cannot be cloned', () => {
    const error = carryError(
      Object.assign(new Error('x'), { fn: () => 1, key: Symbol('s'), holder: { fn() {} }, ok: 1 }),
    );
    expect(error.fn).toContain('=> 1');
    expect(error.key).toBe('Symbol(s)');
    expect(error.holder).toBe('[object Object]');
    expect(error.ok).toBe(1);
  });

  test.each([undefined, null, 0, Number.NaN, 'text', 7n, true])('may be no error at all: %s', (thrown) => {
    expect(carry(thrown)).toBe(thrown);
  });

  test('may be an object, a function or a symbol', () => {
    expect(carry({ code: 5 })).toEqual({ code: 5 });
    expect(carry(Symbol('thrown'))).toBe('Symbol(thrown)');
    expect(carry(() => 5)).toContain('=> 5');
  });

  test('never throws, whatever it is asked to carry', () => {
    const hostile = [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('get');
          },
          ownKeys: () => {
            throw new Error('keys');
          },
        },
      ),

      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('message');
        },
      }),
      Object.defineProperty(new Error('x'), 'boom', {
        enumerable: true,
        get() {
          throw new Error('own getter');
        },
      }),
      {
        toString() {
          throw new Error('text');
        },
        fn() {},
      },
    ];
    for (const thrown of hostile) expect(() => carry(thrown)).not.toThrow();
    expect(() => carry(Object.create(null, { fn: { value() {}, enumerable: true } }))).not.toThrow();
  });
});
