import { deepStrictEqual } from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  bool,
  bytes,
  type Codec,
  CodecError,
  type FieldCodec,
  type FieldSchema,
  f32,
  f64,
  type Infer,
  i8,
  i16,
  i32,
  i64,
  type Memory,
  type StructCodec,
  type StructFields,
  type StructSchema,
  safeInt,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  value,
  writableView,
} from '../../src/index.ts';
import { structOf } from '../../src/struct.ts';
import { codecContract, refusal } from '../support/codec-contract.ts';
import { expectUntouchedOutside, sharedMemory } from '../support/memory.ts';

const Everything = struct({
  flag: bool,
  a: u8,
  b: u16,
  c: u32,
  d: i8,
  e: i16,
  f: i32,
  g: f32,
  h: f64,
  i: i64,
  j: u64,
  k: safeInt,
  name: text(7),
  last: u8,
});
const everything = fc.record(
  {
    flag: fc.boolean(),
    a: fc.nat(255),
    b: fc.nat(65_535),
    c: fc.integer({ min: 0, max: 4_294_967_295 }),
    d: fc.integer({ min: -128, max: 127 }),
    e: fc.integer({ min: -32_768, max: 32_767 }),
    f: fc.integer(),
    g: fc.float(),
    h: fc.double(),
    i: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    j: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    k: fc.maxSafeInteger().map((n) => n + 0),
    name: fc.string({ maxLength: 7 }),
    last: fc.nat(255),
  },
  { noNullPrototype: true },
);
const good: Infer<typeof Everything> = {
  flag: true,
  a: 1,
  b: 2,
  c: 3,
  d: 4,
  e: 5,
  f: 6,
  g: 7,
  h: 8,
  i: 9n,
  j: 10n,
  k: 11,
  name: 'x',
  last: 12,
};
const throwing = {
  ...good,
  get last(): number {
    throw new Error('no');
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const implementations = ['best', 'interpreted'] as const;

for (const code of implementations) {
  codecContract(`struct (${code})`, {
    codec: structOf(Everything.schema, code) as unknown as typeof Everything,
    values: everything,
    refused: [
      [{ ...good, flag: 1 }, 'WRONG_TYPE'],
      [{ ...good, a: 256 }, 'OUT_OF_RANGE'],
      [{ ...good, b: -1 }, 'OUT_OF_RANGE'],
      [{ ...good, c: 2 ** 32 }, 'OUT_OF_RANGE'],
      [{ ...good, c: 2 ** 31 + 0.5 }, 'OUT_OF_RANGE'],
      [{ ...good, c: -1 }, 'OUT_OF_RANGE'],
      [{ ...good, d: 128 }, 'OUT_OF_RANGE'],
      [{ ...good, e: 1.5 }, 'OUT_OF_RANGE'],
      [{ ...good, f: NaN }, 'OUT_OF_RANGE'],
      [{ ...good, f: 2 ** 31 }, 'OUT_OF_RANGE'],
      [{ ...good, g: 1e39 }, 'OUT_OF_RANGE'],
      [{ ...good, h: '1' }, 'WRONG_TYPE'],
      [{ ...good, i: 1 }, 'WRONG_TYPE'],
      [{ ...good, i: 2n ** 63n }, 'OUT_OF_RANGE'],
      [{ ...good, j: -1n }, 'OUT_OF_RANGE'],
      [{ ...good, k: 2 ** 53 }, 'OUT_OF_RANGE'],
      [{ ...good, name: 'too long' }, 'TOO_LARGE'],
      [{ ...good, name: '\ud800' }, 'ILL_FORMED_TEXT'],
      [{ ...good, last: undefined }, 'MISSING_FIELD'],
      [{ flag: true }, 'MISSING_FIELD'],
      [{}, 'MISSING_FIELD'],
      [{ ...good, f: Symbol('x') }, 'WRONG_TYPE'],
      [{ ...good, f: 5n }, 'WRONG_TYPE'],
      [{ ...good, f: { valueOf: () => 5 } }, 'WRONG_TYPE'],
      [null, 'WRONG_TYPE'],
      [undefined, 'WRONG_TYPE'],
      [5, 'MISSING_FIELD'],
      ['text', 'MISSING_FIELD'],
      [throwing, 'UNREADABLE_VALUE'],
      [revoked.proxy, 'UNREADABLE_VALUE'],
    ],
  });
}

const SCALARS: { readonly [type: string]: readonly [codec: FieldCodec<unknown>, values: fc.Arbitrary<unknown>] } = {
  bool: [bool, fc.boolean()],
  u8: [u8, fc.nat(255)],
  u16: [u16, fc.nat(65_535)],
  i8: [i8, fc.integer({ min: -128, max: 127 })],
  u32: [u32, fc.integer({ min: 0, max: 4_294_967_295 })],
  i16: [i16, fc.integer({ min: -32_768, max: 32_767 })],
  i32: [i32, fc.integer()],
  f32: [f32, fc.float()],
  f64: [f64, fc.double()],
  safeInt: [safeInt, fc.maxSafeInteger().map((n) => n + 0)],
  i64: [i64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  u64: [u64, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  text: [text(9), fc.string({ unit: 'binary', maxLength: 9 }).filter((s) => Buffer.byteLength(s) <= 9)],
};
const HOSTILE_NAMES = [
  'constructor',
  'toString',
  'toJSON',
  'valueOf',
  'moveTo',
  'prototype',
  'hasOwnProperty',
  '#o',
  '__defineGetter__',
  '',
  ' ',
  '-1',
  '01',
  '"]; throw 1; //',
  "'",
  '`$' + '{x}`',
  '\\',
  '\n',
  '\u2028',
  '\ud800',
  '*/',
  'value',
  'memory',
  'o',
  'x0',
  'c0',
  '😀',
  'arguments',
  'eval',
];
const fieldName = fc
  .oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'binary', maxLength: 8 }))
  .filter((name) => name !== '__proto__' && !/^(0|[1-9]\d*)$/.test(name));
const fieldList = fc.uniqueArray(fc.tuple(fieldName, fc.constantFrom(...Object.keys(SCALARS))), {
  minLength: 1,
  maxLength: 24,
  selector: ([name]) => name,
});
const randomStruct = fieldList.chain((list) => {
  const fields = Object.fromEntries(list.map(([name, type]) => [name, SCALARS[type][0]]));
  const oneValue = fc
    .tuple(...list.map(([, type]) => SCALARS[type][1]))
    .map((parts) => Object.fromEntries(list.map(([name], i) => [name, parts[i]])));
  return fc.record({ fields: fc.constant(fields), value: oneValue, other: oneValue });
});

function zeroedMemory(bytes: number): Memory {
  const memory = sharedMemory((bytes + 7) & -8);
  memory.u8.fill(0);
  return memory;
}

describe.each(implementations)('any struct (%s)', (code) => {
  const build = (fields: StructFields): StructCodec<StructFields> => structOf(struct(fields).schema, code);

  it('gives back what was written, by copy and by view', () => {
    fc.assert(
      fc.property(randomStruct, fc.nat(20), ({ fields, value, other }, slot) => {
        const codec = build(fields);
        const memory = sharedMemory(codec.size * 24 * 8);
        const offset = slot * codec.size;
        codec.write(memory, offset, value);
        expectUntouchedOutside(memory, offset, offset + codec.size);
        const copy = codec.read(memory, offset);
        deepStrictEqual(copy, value);
        const row = codec.view(memory).moveTo(offset);
        for (const name of Object.keys(fields)) deepStrictEqual(row[name], value[name]);
        for (const name of Object.keys(fields)) row[name] = other[name];
        deepStrictEqual(codec.read(memory, offset), other);
        expectUntouchedOutside(memory, offset, offset + codec.size);
      }),
      { numRuns: 300 },
    );
  });

  it('writes the same bytes as the other implementation', () => {
    fc.assert(
      fc.property(randomStruct, ({ fields, value }) => {
        const [a, b] = implementations.map((each) => {
          const codec = structOf(struct(fields).schema, each);
          const memory = sharedMemory(codec.size * 8);
          codec.write(memory, codec.size, value);
          return memory.u8.slice();
        });
        deepStrictEqual(a, b);
      }),
    );
  });

  it('a setter of a view refuses what a write refuses, and changes nothing', () => {
    const codec = build({ price: f64, size: u8, name: text(2) });
    const memory = sharedMemory(64);
    codec.write(memory, 0, { price: 1, size: 2, name: 'x' });
    const row = codec.view(memory).moveTo(0);
    for (const [name, bad] of [
      ['price', '1'],
      ['size', 256],
      ['name', 'xyz'],
      ['size', undefined],
    ] as const) {
      expect(
        refusal(() => {
          row[name] = bad;
        }).field,
      ).toBe(name);
    }
    expect(codec.read(memory, 0)).toEqual({ price: 1, size: 2, name: 'x' });
  });

  it('a read-only view shows what a view shows, and refuses whatever would change it', () => {
    fc.assert(
      fc.property(randomStruct, ({ fields, value, other }) => {
        const codec = build(fields);
        const memory = sharedMemory(codec.size * 16);
        codec.write(memory, codec.size, value);
        const row = codec.readOnlyView(memory).moveTo(codec.size);
        for (const name of Object.keys(fields)) {
          deepStrictEqual(row[name], value[name]);
          const error = refusal(() => {
            row[name] = other[name];
          });
          expect([error.code, error.field]).toEqual(['READ_ONLY', name]);
        }
        expect(() => Object.assign(row, { something: 1 })).toThrow(TypeError);
        expect(() => Object.defineProperty(row, 'something', { value: 1 })).toThrow(TypeError);
        deepStrictEqual(codec.read(memory, codec.size), value);
      }),
      { numRuns: 100 },
    );
  });

  it('a read-only view can be written, logged and turned into JSON, and moves', () => {
    const codec = build({ price: f64, name: text(5) });
    const [from, to] = [sharedMemory(64), sharedMemory(64)];
    codec.write(from, 16, { price: 1.5, name: 'gold' });
    codec.write(from, 32, { price: 2.5, name: 'tin' });
    const view = codec.readOnlyView(from);
    codec.write(to, 32, view.moveTo(16));
    expect(codec.read(to, 32)).toEqual({ price: 1.5, name: 'gold' });
    expect(JSON.stringify(view.moveTo(32))).toBe('{"price":2.5,"name":"tin"}');
    expect(inspect(view.moveTo(16))).toBe("{ price: 1.5, name: 'gold' }");
    const error = refusal(() => {
      Object.assign(view.moveTo(16), { price: 3 });
    });
    expect(error.message).toContain('[READ_ONLY] field price cannot be assigned: events and items are read-only');
  });

  it('a writable view fills a zeroed slot, and no other byte', () => {
    fc.assert(
      fc.property(randomStruct, fc.nat(20), ({ fields, value, other }, slot) => {
        const codec = build(fields);
        const memory = sharedMemory(codec.size * 24 * 8);
        const offset = slot * codec.size;
        const view = codec.writableView(memory);
        const row = view.moveTo(offset);
        expect(memory.u8.subarray(offset, offset + codec.size).every((byte) => byte === 0)).toBe(true);
        for (const name of Object.keys(fields)) {
          row[name] = other[name];
          row[name] = value[name];
          deepStrictEqual(row[name], value[name]);
        }
        deepStrictEqual(codec.read(memory, offset), value);
        expectUntouchedOutside(memory, offset, offset + codec.size);
        expect(view.moveTo(offset)).toBe(row);
        const zeros = build(fields).read(zeroedMemory(codec.size), 0);
        deepStrictEqual(codec.read(memory, offset), zeros);
        for (const name of Object.keys(fields)) deepStrictEqual(row[name], zeros[name]);
      }),
      { numRuns: 300 },
    );
  });

  it('a writable view checks what is assigned, and takes no field that the struct has not', () => {
    const codec = build({ price: f64, size: u8 });
    const memory = sharedMemory(64);
    const row = codec.writableView(memory).moveTo(16);
    row.size = 5;
    for (const bad of [256, '5', undefined]) {
      expect(
        refusal(() => {
          row.size = bad;
        }).field,
      ).toBe('size');
    }
    expect(() => Object.assign(row, { prise: 1 })).toThrow(TypeError);
    expect(() => Object.defineProperty(row, 'prise', { value: 1 })).toThrow(TypeError);
    expect(codec.read(memory, 16)).toEqual({ price: 0, size: 5 });
  });

  it('a parked view reaches no memory of a ring, keeps what is assigned, and comes back', () => {
    const codec = build({ price: f64, name: text(6) });
    const memory = sharedMemory(128);
    const view = codec.writableView(memory);
    const row = view.moveTo(codec.size);
    Object.assign(row, { price: 1.5, name: 'gold' });
    view.park();
    const before = memory.u8.slice();
    Object.assign(row, { price: 2.5, name: 'late' });
    expect(memory.u8).toEqual(before);
    expect([row.price, row.name]).toEqual([2.5, 'late']);
    expect(codec.read(memory, codec.size)).toEqual({ price: 1.5, name: 'gold' });
    expect(view.moveTo(2 * codec.size)).toBe(row);
    row.price = 3.5;
    expect(codec.read(memory, 2 * codec.size)).toEqual({ price: 3.5, name: '' });
  });

  it('a view can be written, logged and turned into JSON', () => {
    const codec = build({ price: f64, name: text(5) });
    const [from, to] = [sharedMemory(64), sharedMemory(64)];
    codec.write(from, 16, { price: 1.5, name: 'gold' });
    const row = codec.view(from).moveTo(16);
    codec.write(to, 32, row);
    expect(codec.read(to, 32)).toEqual({ price: 1.5, name: 'gold' });
    expect(JSON.stringify(row)).toBe('{"price":1.5,"name":"gold"}');
    expect(inspect(row)).toBe("{ price: 1.5, name: 'gold' }");
  });

  it('two views move on their own, and one view always gives one object', () => {
    const codec = build({ n: u32 });
    const memory = sharedMemory(64);
    for (const n of [0, 1, 2]) codec.write(memory, n * 4, { n });
    const [a, b] = [codec.view(memory), codec.view(memory)];
    const row = a.moveTo(4);
    expect(b.moveTo(8).n).toBe(2);
    expect(row.n).toBe(1);
    expect(a.moveTo(0)).toBe(row);
    expect(row.n).toBe(0);
  });

  it('keeps what a getter threw as the cause', () => {
    const codec = build({ n: u32 });
    const thrown = new Error('mine');
    const error = refusal(() =>
      codec.write(sharedMemory(64), 0, {
        get n() {
          throw thrown;
        },
      }),
    );
    expect(error.cause).toBe(thrown);
  });

  it('reads each field of a value once', () => {
    let reads = 0;
    const codec = build({ n: u32 });
    codec.write(sharedMemory(64), 0, {
      get n() {
        reads += 1;
        return 5;
      },
    });
    expect(reads).toBe(1);
  });

  it('ignores properties that are no fields', () => {
    const memory = sharedMemory(64);
    build({ n: u32 }).write(memory, 0, { n: 5, more: () => 1 });
    expect(build({ n: u32 }).read(memory, 0)).toEqual({ n: 5 });
  });
});

describe('struct', () => {
  it('lays fields out in declared order with natural alignment', () => {
    const Tick = struct({ symbol: u32, price: f64, size: u32, at: f64, side: u8, name: text(4), flag: bool });
    expect(Tick.layout).toEqual({
      symbol: { offset: 0, size: 4, type: 'u32' },
      price: { offset: 8, size: 8, type: 'f64' },
      size: { offset: 16, size: 4, type: 'u32' },
      at: { offset: 24, size: 8, type: 'f64' },
      side: { offset: 32, size: 1, type: 'u8' },
      name: { offset: 34, size: 6, type: 'text' },
      flag: { offset: 40, size: 1, type: 'bool' },
    });
    expect([Tick.size, Tick.align, Tick.generated]).toEqual([48, 8, true]);
  });

  it('measures every type as its codec does', () => {
    for (const [type, [codec]] of Object.entries(SCALARS)) {
      const one = struct({ x: codec });
      expect([type, one.size, one.align]).toEqual([type, codec.size, codec.align]);
    }
  });

  it('infers the type of its values', () => {
    const Tick = struct({ symbol: u32, at: i64, name: text(4), open: bool });
    expectTypeOf<Infer<typeof Tick>>().toEqualTypeOf<{ symbol: number; at: bigint; name: string; open: boolean }>();
    // @ts-expect-error a field is missing
    expect(() => Tick.write(sharedMemory(64), 0, { symbol: 1, at: 1n, name: '' })).toThrow(CodecError);
    // @ts-expect-error a field has the wrong type
    expect(() => Tick.write(sharedMemory(64), 0, { symbol: 1n, at: 1n, name: '', open: true })).toThrow(CodecError);
  });

  it('has a writable view, and no other codec has', () => {
    const Tick = struct({ n: u32 });
    const view = writableView(Tick, sharedMemory(64));
    expectTypeOf(view?.moveTo(0)).toEqualTypeOf<{ n: number } | undefined>();
    expect(view?.moveTo(8).n).toBe(0);
    for (const codec of [u32, text(4), bytes(), value()] as Codec<unknown>[]) {
      expect(writableView(codec, sharedMemory(64))).toBeUndefined();
    }
  });

  it('names every fault of a definition at once', () => {
    const bad = { 7: u8, a: 'u8', b: value(), c: bytes(), d: Everything, e: undefined, f: { schema: { type: 'u9' } } };
    const { code, message } = refusal(() => struct(bad as unknown as StructFields));
    expect(code).toBe('BAD_SCHEMA');
    for (const part of ['"7"', '"a"', '"b"', '"c"', '"d"', '"e"', '"f"', '"u9"']) expect(message).toContain(part);
  });

  it('counts the faults it does not list', () => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, { type: 'nothing' }]));
    const { message } = refusal(() => struct(fields as unknown as StructFields));
    expect(message).toMatch(/and 492 more$/);
    expect(message.length).toBeLessThan(2000);
  });

  const limits: [string, unknown][] = [
    ['no field', {}],
    ['null', null],
    ['a list', [u8]],
    ['a string', 'u8'],
    ['nothing', undefined],
    ['__proto__', JSON.parse('{"__proto__":{"schema":{"type":"u8"}}}')],
    ['more than 65,536 bytes', { a: text(65_534), b: u8 }],
    ['more than 1,000 fields', Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, u8]))],
  ];
  it.each(limits)('refuses %s', (_, fields) => {
    expect(refusal(() => struct(fields as StructFields)).code).toBe('BAD_SCHEMA');
  });

  it('takes as many fields and bytes as it says', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `f${i}`);
    const Wide = struct(Object.fromEntries(names.map((name) => [name, u16])));
    const memory = sharedMemory(Wide.size);
    const wide = Object.fromEntries(names.map((name, i) => [name, i]));
    Wide.write(memory, 0, wide);
    expect(Wide.read(memory, 0)).toEqual(wide);
    expect(struct({ a: text(65_534) }).size).toBe(65_536);
  });

  it('does not run code that hides in a field name', () => {
    const evil = '"]; globalThis.injected = true; //';
    const schema: StructSchema = {
      type: 'struct',
      fields: [{ name: evil, schema: { type: 'u8' } satisfies FieldSchema }],
    };
    const memory = sharedMemory(64);
    const codec = structOf(schema);
    codec.write(memory, 0, { [evil]: 5 });
    expect(codec.read(memory, 0)).toEqual({ [evil]: 5 });
    expect(codec.view(memory).moveTo(0)[evil]).toBe(5);
    expect('injected' in globalThis).toBe(false);
  });
});
