import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type ArrayOf,
  arrayOf,
  bool,
  bytes,
  type Codec,
  codecFromSchema,
  type FieldCodec,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  type Memory,
  safeInt,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  value,
} from '../../src/index.ts';
import { sharedMemory } from '../support/memory.ts';

const NUMBERS = { i8, u8, i16, u16, i32, u32, f32, f64 };
const BIGINTS = { i64, u64 };

describe('arrayOf', () => {
  it.each(Object.entries(NUMBERS))('%s: the values are the elements of that array', (name, codec) => {
    expect(arrayOf(codec)).toBe(name);
    const memory = sharedMemory(64);
    codec.write(memory, codec.size * 3, 7);
    const items = memory[arrayOf(codec) as keyof typeof NUMBERS];
    expect([items.BYTES_PER_ELEMENT, items[3]]).toEqual([codec.size, 7]);
    items[5] = 9;
    expect(codec.read(memory, codec.size * 5)).toBe(9);
  });

  it.each(Object.entries(BIGINTS))('%s: the same, of bigints', (name, codec) => {
    expect(arrayOf(codec)).toBe(name);
    const memory = sharedMemory(64);
    codec.write(memory, 24, 7n);
    const items = memory[arrayOf(codec) as keyof typeof BIGINTS];
    expect([items.BYTES_PER_ELEMENT, items[3]]).toEqual([8, 7n]);
  });

  it('knows a codec that was made from a schema', () => {
    expect(arrayOf(codecFromSchema(i32.schema))).toBe('i32');
  });

  it.each([
    ['bool', bool],
    ['safeInt', safeInt],
    ['text', text(4)],
    ['a struct', struct({ n: u32 })],
    ['bytes', bytes()],
    ['value', value()],
  ])('none has the values of %s', (_, codec) => {
    expect(arrayOf(codec as Codec<unknown>)).toBeUndefined();
  });
});

describe('ArrayOf', () => {
  it('is the name of the array of a codec of numbers', () => {
    expectTypeOf<ArrayOf<typeof u8>>().toEqualTypeOf<'u8'>();
    expectTypeOf<ArrayOf<typeof f64>>().toEqualTypeOf<'f64'>();
    expectTypeOf<ArrayOf<typeof i64>>().toEqualTypeOf<'i64'>();
    expectTypeOf<Memory[ArrayOf<typeof f32>]>().toEqualTypeOf<Float32Array>();
    expectTypeOf<Memory[ArrayOf<typeof u64>][number]>().toEqualTypeOf<bigint>();
  });

  it('is never for whatever is not, or not known to be, the element of one array', () => {
    const Tick = struct({ n: u32 });
    const name = text(4);
    const some = bytes();
    const any = value();
    expectTypeOf<ArrayOf<typeof bool>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<typeof safeInt>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<typeof Tick>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<typeof name>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<typeof some>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<typeof any>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<FieldCodec<number>>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<Codec<number>>>().toEqualTypeOf<never>();
    expectTypeOf<ArrayOf<undefined>>().toEqualTypeOf<never>();
    expect([Tick, name, some, any]).toHaveLength(4);
  });
});
