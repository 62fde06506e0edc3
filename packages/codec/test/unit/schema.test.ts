import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  codecFromSchema,
  describeSchema,
  f64,
  type Schema,
  sameSchema,
  struct,
  text,
  u8,
  u32,
  value,
} from '../../src/index.ts';
import { refusal } from '../support/codec-contract.ts';
import { sharedMemory } from '../support/memory.ts';

const SCHEMAS: readonly Schema[] = [
  u8.schema,
  u32.schema,
  text(4).schema,
  text(5).schema,
  bytes().schema,
  bytes({ maxBytes: 7 }).schema,
  value().schema,
  value({ maxBytes: 7 }).schema,
  struct({ a: u8 }).schema,
  struct({ a: u32 }).schema,
  struct({ b: u8 }).schema,
  struct({ a: text(3) }).schema,
  struct({ a: text(4) }).schema,
  struct({ a: u8, b: u8 }).schema,
  struct({ b: u8, a: u8 }).schema,
];

describe('schema', () => {
  it('is the same as itself after JSON, and as no other', () => {
    for (const [i, a] of SCHEMAS.entries()) {
      for (const [j, b] of SCHEMAS.entries())
        expect([i, j, sameSchema(a, JSON.parse(JSON.stringify(b)))]).toEqual([i, j, i === j]);
    }
  });

  it.each([
    [u8.schema, 'u8'],
    [text(16).schema, 'text(16)'],
    [bytes({ maxBytes: 99 }).schema, 'bytes(99)'],
    [value({ maxBytes: 99 }).schema, 'value(99)'],
    [struct({ symbol: u32, 'a b': f64, name: text(8) }).schema, 'struct { symbol: u32, "a b": f64, name: text(8) }'],
  ] as const)('describes %j as %s', (schema, line) => expect(describeSchema(schema)).toBe(line));

  it('describes a large struct in one short line', () => {
    const wide = struct(Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${'x'.repeat(500)}\n${i}`, u8])));
    const line = describeSchema(wide.schema);
    expect(line).toMatch(/^struct \{ .*, and \d+ more \}$/);
    expect(line.length).toBeLessThan(350);
  });

  const bad: [string, unknown][] = [
    ['null', null],
    ['a list', []],
    ['a name', 'u8'],
    ['no type', {}],
    ['an unknown type', { type: 'u9' }],
    ['a type that is no string', { type: 5 }],
    ['a property of Object', { type: 'constructor' }],
    ['an unknown property', { type: 'u8', max: 5 }],
    ['text without a limit', { type: 'text' }],
    ['no list of fields', { type: 'struct' }],
    ['an empty struct', { type: 'struct', fields: [] }],
    ['a field that is null', { type: 'struct', fields: [null] }],
    ['a field without a name', { type: 'struct', fields: [{ schema: { type: 'u8' } }] }],
    ['a field without a schema', { type: 'struct', fields: [{ name: 'a' }] }],
    [
      'a name twice',
      {
        type: 'struct',
        fields: [
          { name: 'a', schema: { type: 'u8' } },
          { name: 'a', schema: { type: 'u8' } },
        ],
      },
    ],
    ['__proto__ as a name', { type: 'struct', fields: [{ name: '__proto__', schema: { type: 'u8' } }] }],
    ['a limit above 1 GiB', { type: 'value', maxBytes: 2 ** 30 + 1 }],
  ];
  it.each(bad)('codecFromSchema refuses %s', (_, schema) => {
    const error = refusal(() => codecFromSchema(schema as Schema));
    expect(error.code).toBe('BAD_SCHEMA');
    expect(error.message.length).toBeLessThan(600);
  });

  it('codecFromSchema answers anything with a codec or a BAD_SCHEMA error', () => {
    const type = fc.constantFrom('u8', 'text', 'struct', 'bytes', 'value', 'nothing');
    const almost = fc.record(
      {
        type,
        maxBytes: fc.oneof(fc.integer(), fc.anything()),
        fields: fc.array(fc.record({ name: fc.anything(), schema: fc.anything() })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), almost), (schema) => {
        try {
          codecFromSchema(schema as Schema);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CodecError', code: 'BAD_SCHEMA' });
        }
      }),
    );
  });

  it('names all faults of a schema at once', () => {
    const fields = [
      { name: 'a', schema: { type: 'text', maxBytes: 0 } },
      { name: 'a', schema: { type: 'u9' } },
      { name: 5, schema: { type: 'u8' } },
    ];
    const { message } = refusal(() => codecFromSchema({ type: 'struct', fields, extra: 1 } as unknown as Schema));
    for (const part of ['"extra"', 'maxBytes', 'twice', '"u9"', '5 is not a string']) expect(message).toContain(part);
  });

  it('a codec from a schema reads what the first one wrote', () => {
    const Tick = struct({ symbol: u32, price: f64 });
    const twin = codecFromSchema(structuredClone(Tick.schema));
    const memory = sharedMemory(64);
    Tick.write(memory, 16, { symbol: 7, price: 1.5 });
    expect(twin.kind === 'fixed' && twin.read(memory, 16)).toEqual({ symbol: 7, price: 1.5 });
  });
});
