import { deepStrictEqual } from 'node:assert/strict';
import { createContext, runInContext, runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DEPTH, value } from '../../src/index.ts';
import { codecContract, refusal } from '../support/codec-contract.ts';
import { sharedMemory } from '../support/memory.ts';

class Order {
  price = 1;
}
const withOwnProperty = Object.assign(new Error('x'), { code: 'E_X' });
const throwing = {
  get price(): number {
    throw new Error('no');
  },
};
const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('no');
    },
    getPrototypeOf() {
      throw new Error('no');
    },
  },
);

/** An object which grows a new one below it whenever it is read. */
function endless(): object {
  return new Proxy(
    {},
    {
      ownKeys: () => ['next'],
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      get: endless,
    },
  );
}

function nested(depth: number): unknown {
  let result: unknown = 1;
  for (let i = 0; i < depth; i++) result = i % 2 === 0 ? [result] : { inner: result };
  return result;
}

/** Node 20 takes two invalid dates for different ones; they have a test of their own. */
const validDate = fc.date({ noInvalidDate: true });

codecContract<unknown>('value', {
  codec: value({ maxBytes: 60_000 }),
  values: fc.oneof(
    fc.anything({
      maxDepth: 4,
      withBigInt: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      key: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('__proto__', 'constructor', 'toJSON', 'hasOwnProperty'),
      ),
    }),
    fc.jsonValue(),
    fc.array(validDate),
    fc.bigInt(),
    fc.constantFrom(
      -0,
      NaN,
      Infinity,
      undefined,
      null,
      '',
      '\ud800',
      'x'.repeat(7000),
      new Date(-1),
      new Date(8.64e15),
      new Date(-8.64e15),
      2n ** 64n,
    ),
  ),
  refused: [
    [() => 1, 'UNSUPPORTED_VALUE'],
    [Symbol('x'), 'UNSUPPORTED_VALUE'],
    [{ a: [{ f() {} }] }, 'UNSUPPORTED_VALUE'],
    [new Order(), 'UNSUPPORTED_VALUE'],
    [[new Order()], 'UNSUPPORTED_VALUE'],
    [new (class extends Map {})(), 'UNSUPPORTED_VALUE'],
    [new (class extends Array {})(), 'UNSUPPORTED_VALUE'],
    [new Map([[1, new Order()]]), 'UNSUPPORTED_VALUE'],
    [new Map([[() => 1, 1]]), 'UNSUPPORTED_VALUE'],
    [new Map([[new Order(), 1]]), 'UNSUPPORTED_VALUE'],
    [new Set([new Order()]), 'UNSUPPORTED_VALUE'],
    [new Set([Symbol('x')]), 'UNSUPPORTED_VALUE'],
    [Object(1), 'UNSUPPORTED_VALUE'],
    [Object('x'), 'UNSUPPORTED_VALUE'],
    [Promise.resolve(), 'UNSUPPORTED_VALUE'],
    [new WeakMap(), 'UNSUPPORTED_VALUE'],
    [new SharedArrayBuffer(8), 'UNSUPPORTED_VALUE'],
    [Object.create({ a: 1 }), 'UNSUPPORTED_VALUE'],
    [Object.create(Map.prototype), 'UNSUPPORTED_VALUE'],
    [Object.create(Date.prototype), 'UNSUPPORTED_VALUE'],
    [new Error('x', { cause: 1 }), 'UNSUPPORTED_VALUE'],
    [withOwnProperty, 'UNSUPPORTED_VALUE'],
    [nested(MAX_DEPTH + 1), 'TOO_DEEP'],
    [nested(100_000), 'TOO_DEEP'],
    [[new Map([[1, nested(MAX_DEPTH)]])], 'TOO_DEEP'],
    [endless(), 'TOO_DEEP'],
    ['x'.repeat(60_001), 'TOO_LARGE'],
    [new Array(60_001).fill(0), 'TOO_LARGE'],
    [new Array(2 ** 32 - 1), 'TOO_LARGE'],
    [new Array(20_000).fill(1e300), 'TOO_LARGE'],
    [new Uint8Array(60_000), 'TOO_LARGE'],
    [new Float64Array(60_000), 'TOO_LARGE'],
    [throwing, 'UNREADABLE_VALUE'],
    [hostile, 'UNREADABLE_VALUE'],
  ],
});

function roundTrip<T>(input: T): unknown {
  const memory = sharedMemory(65_536);
  const codec = value();
  return codec.read(memory, 3, codec.write(memory, 3, 65_000, input));
}

describe('value', () => {
  const kept: [string, unknown][] = [
    ['-0', -0],
    ['-0 deep inside', { a: [new Map([[1, -0]])] }],
    ['a hole', Object.assign(new Array(2), { 1: 1 })],
    ['half a surrogate pair', { 'k\ud800': '\udfff' }],
    ['__proto__ as a key', JSON.parse('{"__proto__":{"polluted":1},"a":1}')],
    ['Map with object keys', new Map([[{ a: 1 }, new Set([[1]])]])],
    ['RegExp', /a\/b/giu],
    ['Buffer', Buffer.from('abc')],
    ['typed arrays', [new Float64Array([NaN, -0]), new BigInt64Array([-1n]), new Uint8Array(3)]],
    ['a part of a buffer', new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)],
    ['ArrayBuffer', Uint8Array.of(1, 2).buffer],
    ['DataView', new DataView(Uint8Array.of(1, 2, 3).buffer, 1)],
    ['huge bigint', 2n ** 3000n],
    ['own methods of Object as keys', { hasOwnProperty: 1, toJSON: 2, toString: 3 }],
    ['names that msgpackr looks at', { constructor: 1, toJSON: 2 }],
    ['undefined in a property', { a: undefined }],
    ['many keys', Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`k${i}`, i]))],
    ['the deepest nesting', nested(MAX_DEPTH)],
  ];
  it.each(kept)('keeps %s', (_, input) => deepStrictEqual(roundTrip(input), input));

  it('keeps an object with more keys than 16 bits count', () => {
    const codec = value();
    const memory = sharedMemory(1 << 20);
    const wide = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, 1]));
    const read = codec.read(memory, 0, codec.write(memory, 0, memory.byteLength, wide));
    expect(Object.keys(read as object)).toHaveLength(70_000);
  });

  it('keeps an invalid date', () => {
    const read = roundTrip([new Date(NaN)]) as [Date];
    expect(read[0]).toBeInstanceOf(Date);
    expect(read[0].getTime()).toBeNaN();
  });

  it('does not pollute a prototype', () => {
    const read = roundTrip(JSON.parse('{"__proto__":{"polluted":1}}')) as object;
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });

  it.each([Error, TypeError, RangeError, SyntaxError])('keeps class, message and stack of %o', (type) => {
    const error = new type('bad');
    const read = (roundTrip({ error }) as { error: Error }).error;
    expect(read).toBeInstanceOf(type);
    expect([read.message, read.stack]).toEqual([error.message, error.stack]);
  });

  it('keeps cycles through every container', () => {
    const object: { self?: unknown; list?: unknown } = {};
    object.self = object;
    object.list = [object];
    const map = new Map<unknown, unknown>();
    map.set(map, new Set([map]));
    const set = new Set<unknown>();
    set.add([set]);
    const read = roundTrip({ object, map, set }) as { object: typeof object; map: typeof map; set: typeof set };
    expect(read.object.self).toBe(read.object);
    expect((read.object.list as unknown[])[0]).toBe(read.object);
    expect((read.map.get(read.map) as Set<unknown>).has(read.map)).toBe(true);
    expect(([...read.set][0] as unknown[])[0]).toBe(read.set);
  });

  it('takes plain objects and arrays of another realm', () => {
    const foreign = runInContext('({ list: [1, { a: 2 }] })', createContext());
    expect(roundTrip(foreign)).toEqual({ list: [1, { a: 2 }] });
  });

  it.each([
    'new Date(7)',
    'new Map([[1, { at: new Date(7) }]])',
    'new Set([1, [2]])',
    '/a+/gi',
    'new Uint8Array([1, 2])',
    'new Uint16Array([1, 300])',
    'new BigInt64Array([1n])',
    'new DataView(new Uint8Array([1, 2]).buffer)',
    'new Uint8Array([1, 2]).buffer',
    'new Error("there")',
    'new RangeError("there")',
  ])('takes what a realm of its own made: %s', (source) => {
    // `expect` compares prototypes: what comes back is of this realm.
    const own = runInThisContext(`(${source})`) as Error;
    const read = roundTrip(runInContext(`(${source})`, createContext())) as Error;
    expect(Object.getPrototypeOf(read)).toBe(Object.getPrototypeOf(own));
    if (own instanceof Error) expect([read.name, read.message]).toEqual([own.name, own.message]);
    else expect(read).toEqual(own);
  });

  it.each([
    'new (class extends Map {})()',
    'new (class Map {})()',
    'new (class extends Error {})()',
    'Object.assign(new Error("x"), { code: 1 })',
    'Promise.resolve()',
    'new WeakMap()',
  ])('refuses of another realm what it refuses of its own: %s', (source) => {
    const foreign = runInContext(`(${source})`, createContext());
    expect(refusal(() => roundTrip(foreign)).code).toBe('UNSUPPORTED_VALUE');
  });

  it('takes objects without a prototype, which come back as plain ones', () => {
    expect(roundTrip(Object.assign(Object.create(null), { a: [1] }))).toStrictEqual({ a: [1] });
  });

  it('is complete in itself: any value is readable without the ones before it', () => {
    const codec = value();
    const memory = sharedMemory(4096);
    let offset = 0;
    const places = Array.from({ length: 50 }, (_, i) => {
      const used = codec.write(memory, offset, 1000, { id: i, nested: { name: `n${i}` } });
      offset += used;
      return [offset - used, used, i] as const;
    });
    for (const [start, length, i] of places.reverse()) {
      expect(codec.read(memory, start, length)).toEqual({ id: i, nested: { name: `n${i}` } });
    }
  });

  it('never gives a view of the ring, even for bytes deep inside', () => {
    for (const input of [{ a: Uint8Array.of(1, 2) }, [Buffer.from('ab')], new Map([[1, new Float32Array([1])]])]) {
      const memory = sharedMemory(1024);
      const codec = value();
      const used = codec.write(memory, 0, 1024, input);
      const first = codec.read(memory, 0, used);
      memory.u8.fill(0xff);
      codec.read(memory, 0, codec.write(memory, 0, 1024, new Uint8Array(100).fill(7))); // reuses whatever the codec keeps
      deepStrictEqual(first, input);
    }
  });

  it('says where in the value the fault is', () => {
    const { field, message } = refusal(() => roundTrip({ orders: [1, 2, { 'a b': { run: () => 1 } }] }));
    expect(field).toBe('.orders[2]["a b"].run');
    expect(message).toBe(
      '[UNSUPPORTED_VALUE] at .orders[2]["a b"].run: a function cannot be sent: send data, and find the code by a name',
    );
  });

  it('keeps what a getter threw as the cause', () => {
    const thrown = new Error('mine');
    expect(
      refusal(() =>
        roundTrip({
          get a() {
            throw thrown;
          },
        }),
      ).cause,
    ).toBe(thrown);
  });

  it('works on after a refusal', () => {
    refusal(() => roundTrip({ a: [1, () => 1] }));
    expect(roundTrip({ a: 1 })).toEqual({ a: 1 });
  });

  it.each([
    ['an array', new Array(990).fill(1)],
    ['a string', 'x'.repeat(990)],
    ['a set', new Set(['x'.repeat(990)])],
    ['a map', new Map([['x'.repeat(495), 'y'.repeat(485)]])],
    ['bytes', new Uint8Array(990)],
  ])('fills its limit with %s', (_, input) => {
    const used = value({ maxBytes: 1000 }).write(sharedMemory(1024), 0, 1024, input);
    expect(used).toBeGreaterThan(980);
    expect(refusal(() => value({ maxBytes: used - 1 }).write(sharedMemory(1024), 0, 1024, input)).code).toBe(
      'TOO_LARGE',
    );
  });

  it('bounds the work on an object that doubles at every level', () => {
    let doubling: unknown = 1;
    for (let i = 0; i < 200; i++) doubling = [doubling, doubling];
    expect(refusal(() => value({ maxBytes: 10_000 }).write(sharedMemory(64), 0, 64, doubling)).code).toBe('TOO_LARGE');
  });

  it('refuses bytes which it did not write', () => {
    const memory = sharedMemory(64);
    expect(refusal(() => value().read(memory, 0, 10)).code).toBe('BAD_BYTES');
    for (const form of [0, 1]) {
      memory.u8[0] = form;
      memory.u8.fill(0xdc, 1);
      expect(refusal(() => value().read(memory, 0, 10)).code).toBe('BAD_BYTES');
    }
  });

  it.each([{ maxBytes: 0 }, { maxBytes: 2 ** 31 }, { max: 5 }, null])('refuses the options %j', (options) => {
    expect(refusal(() => value(options as { maxBytes: number })).code).toBe('BAD_SCHEMA');
  });
});

it('a value that a getter of another one writes meanwhile leaves both whole', () => {
  const memory = sharedMemory(8_192);
  const codec = value();
  let inner = 0;
  const outer = codec.write(memory, 0, 4_096, {
    before: 'x'.repeat(100),
    get inside() {
      inner = codec.write(memory, 4_096, 4_096, { list: [1, 2, 3], text: 'inner' });
      return inner;
    },
    after: [1, 2, 3],
  });
  expect(codec.read(memory, 0, outer)).toEqual({ before: 'x'.repeat(100), inside: inner, after: [1, 2, 3] });
  expect(codec.read(memory, 4_096, inner)).toEqual({ list: [1, 2, 3], text: 'inner' });
});
