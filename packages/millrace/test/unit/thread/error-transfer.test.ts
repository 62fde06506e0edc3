import { runInNewContext } from 'node:vm';
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
    const circle = Object.assign(new Error('circle'), { cause: undefined as unknown, list: [] as unknown[] });
    circle.cause = circle;
    circle.list.push(circle, circle.list);
    expect(carryError(circle)).toMatchObject({
      message: 'circle',
      cause: '[Circular]',
      list: ['[Circular]', '[Circular]'],
    });
    let chain = new Error('deepest');
    for (let i = 0; i < 10_000; i++) chain = new Error('link', { cause: chain });
    let depth = 0;
    let at: unknown = carryError(chain);
    for (; at instanceof Error; at = at.cause) depth++;
    expect(depth).toBeGreaterThan(3);
    expect(at).toBe('[not carried: too deep]');
    const aggregate = new AggregateError([], 'itself');
    aggregate.errors.push(aggregate);
    expect((carryError(aggregate) as unknown as AggregateError).errors).toEqual(['[Circular]']);
  });

  test('is bounded, however large it is, and says what is not there', () => {
    const large = carryError(
      Object.assign(new Error('m'.repeat(1e6)), { bytes: new Uint8Array(5e6), text: 't'.repeat(1e6), code: 5 }),
    );
    expect(large.message).toMatch(/^m{100000}… \(1000000 characters\)$/);
    expect(large.bytes).toBe('[Uint8Array, not carried: too large]');
    expect(String(large.text).length).toBeLessThan(101_000);
    expect(large.code).toBe(5);

    const many = packError(
      Object.assign(new Error('many'), {
        first: 1,
        list: Array.from({ length: 1e6 }, (_, i) => i),
        set: new Set([1]),
        after: { code: 5 },
      }),
    );
    expect(JSON.stringify(many).length).toBeLessThan(1e6);
    const error = unpackError(many) as Error & Record<string, unknown>;
    expect(error.first).toBe(1);
    const list = error.list as unknown[];
    expect(list.slice(0, 3)).toEqual([0, 1, 2]);
    expect(list.at(-1)).toBe(`[${1e6 - list.length + 1} more, not carried]`);
    expect(error['…']).toBe('[2 more, not carried]');

    const strings = packError(
      Object.assign(new Error('x'), { all: Array.from({ length: 5_000 }, () => 's'.repeat(1e5)) }),
    );
    expect(JSON.stringify(strings).length).toBeLessThan(2e6);
  });

  test('names what cannot be carried, and carries the rest', () => {
    const error = carryError(
      Object.assign(new Error('x'), {
        fn: () => 1,
        key: Symbol('s'),
        [Symbol('named')]: 7,
        holder: { fn() {}, status: 404, promise: Promise.resolve(), list: [new WeakMap(), 2] },
        map: new Map<unknown, unknown>([['a', { f() {} }]]),
        set: new Set([1, Symbol('in a set')]),
        at: new Date(5),
        ok: 1,
      }),
    );
    expect(error.fn).toContain('=> 1');
    expect(error.key).toBe('Symbol(s)');
    expect(error['Symbol(named)']).toBe(7);
    expect(error.holder).toMatchObject({
      status: 404,
      promise: '[Promise, not carried]',
      list: ['[WeakMap, not carried]', 2],
    });
    expect((error.holder as { fn: string }).fn).toContain('fn() {');
    expect((error.map as Map<string, { f: string }>).get('a')!.f).toContain('f() {');
    expect(error.set).toEqual(new Set([1, 'Symbol(in a set)']));
    expect(error.at).toEqual(new Date(5));
    expect(error.ok).toBe(1);
  });

  test('keeps `errors` that are an object, and errors in properties', () => {
    const before = Object.assign(new Error('validation'), {
      errors: { price: Object.assign(new RangeError('too high'), { limit: 5 }), size: { f() {}, message: 'odd' } },
      response: { error: new TypeError('inner', { cause: 'why' }) },
    });
    const error = carryError(before);
    expect(error).not.toBeInstanceOf(AggregateError);
    const { price, size } = error.errors as { price: RangeError & { limit: number }; size: { message: string } };
    expect(price).toBeInstanceOf(RangeError);
    expect(price).toMatchObject({ message: 'too high', limit: 5 });
    expect(size.message).toBe('odd');
    const inner = (error.response as { error: Error }).error;
    expect(inner).toBeInstanceOf(TypeError);
    expect(inner).toMatchObject({ message: 'inner', cause: 'why' });
  });

  test('keeps the name of its class, and the built-in class above it', () => {
    class Refused extends RangeError {}
    class RefusedTwice extends Refused {}
    const error = carryError(new RefusedTwice('no'));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.constructor.name).toBe('RefusedTwice');
    expect(error.name).toBe('RangeError');
    class Several extends AggregateError {}
    const several = carryError(new Several([new Refused('a')], 'all')) as unknown as AggregateError;
    expect(several).toBeInstanceOf(AggregateError);
    expect(several.errors[0]).toBeInstanceOf(RangeError);
  });

  test('is a DOMException again', () => {
    const { reason } = AbortSignal.abort();
    for (const before of [reason as DOMException, new DOMException('cloned?', 'DataCloneError')]) {
      const error = carryError(before);
      expect(error).toBeInstanceOf(DOMException);
      expect([error.name, error.message, error.code]).toEqual([before.name, before.message, before.code]);
      expect(error.stack).toBe(before.stack);
    }
  });

  test('may come from another realm', () => {
    const error = carryError(
      runInNewContext(
        `Object.assign(new TypeError('there', { cause: new RangeError('why') }), { code: 'E_THERE', at: new Date(7), f: { g() {}, n: 1 } })`,
      ),
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'there', code: 'E_THERE', at: new Date(7), f: { n: 1 } });
    expect(error.cause).toBeInstanceOf(RangeError);
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
    const boom = carryError(hostile[2]);
    expect(boom).toBeInstanceOf(Error);
    expect(boom).toMatchObject({ message: 'x', boom: '[getter threw: own getter]' });
    expect(carryError(hostile[1]).message).toBe('[could not be read: message]');
    expect(carry(hostile[0])).toContain('[could not be read: ');
    expect(() => carry(Object.create(null, { fn: { value() {}, enumerable: true } }))).not.toThrow();
  });
});
