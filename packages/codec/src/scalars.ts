/**
 * The scalars. Each is written out in full, and each store names its array, so that a hot loop over one of them compiles to
 * a compare and a store; one function shared by all would see every array type and be several times slower.
 *
 * Checks are always on; bench/struct.mjs shows what they cost. An integer type takes integers in its range alone: 300 is
 * not a u8, nor is 1.5, NaN or '5'. -0 is an integer and is stored as 0.
 */
import type { ArrayCodec } from './array-codec.ts';
import type { FieldCodec } from './codec.ts';
import { refuseScalar } from './refuse.ts';

export const u8: ArrayCodec<'u8'> = {
  kind: 'fixed',
  schema: { type: 'u8' },
  size: 1,
  align: 1,
  check(value, field) {
    if (typeof value !== 'number' || (value & 0xff) !== value) refuseScalar('u8', value, field);
  },
  store(memory, offset, value) {
    memory.u8[offset] = value;
  },
  write(memory, offset, value) {
    u8.check(value);
    memory.u8[offset] = value;
  },
  read(memory, offset) {
    return memory.u8[offset];
  },
  view({ u8: bytes }) {
    return { moveTo: (offset) => bytes[offset] };
  },
};

export const i8: ArrayCodec<'i8'> = {
  kind: 'fixed',
  schema: { type: 'i8' },
  size: 1,
  align: 1,
  check(value, field) {
    if (typeof value !== 'number' || (value << 24) >> 24 !== value) refuseScalar('i8', value, field);
  },
  store(memory, offset, value) {
    memory.i8[offset] = value;
  },
  write(memory, offset, value) {
    i8.check(value);
    memory.i8[offset] = value;
  },
  read(memory, offset) {
    return memory.i8[offset];
  },
  view({ i8: bytes }) {
    return { moveTo: (offset) => bytes[offset] };
  },
};

export const u16: ArrayCodec<'u16'> = {
  kind: 'fixed',
  schema: { type: 'u16' },
  size: 2,
  align: 2,
  check(value, field) {
    if (typeof value !== 'number' || (value & 0xffff) !== value) refuseScalar('u16', value, field);
  },
  store(memory, offset, value) {
    memory.u16[offset >> 1] = value;
  },
  write(memory, offset, value) {
    u16.check(value);
    memory.u16[offset >> 1] = value;
  },
  read(memory, offset) {
    return memory.u16[offset >> 1];
  },
  view({ u16: words }) {
    return { moveTo: (offset) => words[offset >> 1] };
  },
};

export const i16: ArrayCodec<'i16'> = {
  kind: 'fixed',
  schema: { type: 'i16' },
  size: 2,
  align: 2,
  check(value, field) {
    if (typeof value !== 'number' || (value << 16) >> 16 !== value) refuseScalar('i16', value, field);
  },
  store(memory, offset, value) {
    memory.i16[offset >> 1] = value;
  },
  write(memory, offset, value) {
    i16.check(value);
    memory.i16[offset >> 1] = value;
  },
  read(memory, offset) {
    return memory.i16[offset >> 1];
  },
  view({ i16: words }) {
    return { moveTo: (offset) => words[offset >> 1] };
  },
};

export const u32: ArrayCodec<'u32'> = {
  kind: 'fixed',
  schema: { type: 'u32' },
  size: 4,
  align: 4,
  check(value, field) {
    // Not `value >>> 0`: its result does not fit a small integer and slows down what computes with it.
    const fits = typeof value === 'number' && value >= 0 && value <= 0xffffffff && Math.floor(value) === value;
    if (!fits) refuseScalar('u32', value, field);
  },
  store(memory, offset, value) {
    memory.u32[offset >> 2] = value;
  },
  write(memory, offset, value) {
    u32.check(value);
    memory.u32[offset >> 2] = value;
  },
  read(memory, offset) {
    return memory.u32[offset >> 2];
  },
  view({ u32: words }) {
    return { moveTo: (offset) => words[offset >> 2] };
  },
};

export const i32: ArrayCodec<'i32'> = {
  kind: 'fixed',
  schema: { type: 'i32' },
  size: 4,
  align: 4,
  check(value, field) {
    if (typeof value !== 'number' || (value | 0) !== value) refuseScalar('i32', value, field);
  },
  store(memory, offset, value) {
    memory.i32[offset >> 2] = value;
  },
  write(memory, offset, value) {
    i32.check(value);
    memory.i32[offset >> 2] = value;
  },
  read(memory, offset) {
    return memory.i32[offset >> 2];
  },
  view({ i32: words }) {
    return { moveTo: (offset) => words[offset >> 2] };
  },
};

/** Rounds to the nearest 32-bit float. NaN, -0 and the infinities pass; a finite number that would become infinite does not. */
export const f32: ArrayCodec<'f32'> = {
  kind: 'fixed',
  schema: { type: 'f32' },
  size: 4,
  align: 4,
  check(value, field) {
    const fits = typeof value === 'number' && (Number.isFinite(Math.fround(value)) || !Number.isFinite(value));
    if (!fits) refuseScalar('f32', value, field);
  },
  store(memory, offset, value) {
    memory.f32[offset >> 2] = value;
  },
  write(memory, offset, value) {
    f32.check(value);
    memory.f32[offset >> 2] = value;
  },
  read(memory, offset) {
    return memory.f32[offset >> 2];
  },
  view({ f32: floats }) {
    return { moveTo: (offset) => floats[offset >> 2] };
  },
};

/** Every number: NaN, -0 and the infinities too. */
export const f64: ArrayCodec<'f64'> = {
  kind: 'fixed',
  schema: { type: 'f64' },
  size: 8,
  align: 8,
  check(value, field) {
    if (typeof value !== 'number') refuseScalar('f64', value, field);
  },
  store(memory, offset, value) {
    memory.f64[offset >> 3] = value;
  },
  write(memory, offset, value) {
    f64.check(value);
    memory.f64[offset >> 3] = value;
  },
  read(memory, offset) {
    return memory.f64[offset >> 3];
  },
  view({ f64: floats }) {
    return { moveTo: (offset) => floats[offset >> 3] };
  },
};

export const bool: FieldCodec<boolean> = {
  kind: 'fixed',
  schema: { type: 'bool' },
  size: 1,
  align: 1,
  check(value, field) {
    if (typeof value !== 'boolean') refuseScalar('bool', value, field);
  },
  store(memory, offset, value) {
    memory.u8[offset] = value ? 1 : 0;
  },
  write(memory, offset, value) {
    bool.check(value);
    memory.u8[offset] = value ? 1 : 0;
  },
  read(memory, offset) {
    return memory.u8[offset] !== 0;
  },
  view({ u8: bytes }) {
    return { moveTo: (offset) => bytes[offset] !== 0 };
  },
};

/** A bigint of 64 bits. Bigints are allocated: where 53 bits do, `safeInt` is several times faster. */
export const i64: ArrayCodec<'i64'> = {
  kind: 'fixed',
  schema: { type: 'i64' },
  size: 8,
  align: 8,
  check(value, field) {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) refuseScalar('i64', value, field);
  },
  store(memory, offset, value) {
    memory.i64[offset >> 3] = value;
  },
  write(memory, offset, value) {
    i64.check(value);
    memory.i64[offset >> 3] = value;
  },
  read(memory, offset) {
    return memory.i64[offset >> 3];
  },
  view({ i64: words }) {
    return { moveTo: (offset) => words[offset >> 3] };
  },
};

/** An unsigned bigint of 64 bits. */
export const u64: ArrayCodec<'u64'> = {
  kind: 'fixed',
  schema: { type: 'u64' },
  size: 8,
  align: 8,
  check(value, field) {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) refuseScalar('u64', value, field);
  },
  store(memory, offset, value) {
    memory.u64[offset >> 3] = value;
  },
  write(memory, offset, value) {
    u64.check(value);
    memory.u64[offset >> 3] = value;
  },
  read(memory, offset) {
    return memory.u64[offset >> 3];
  },
  view({ u64: words }) {
    return { moveTo: (offset) => words[offset >> 3] };
  },
};

const TWO_TO_32 = 0x1_0000_0000;

/**
 * A safe integer, as a plain number in 64 bits: milliseconds, nanoseconds since a start, database keys. Two 32-bit words,
 * low word first, two's complement; on a little-endian machine the same bytes as an i64.
 */
export const safeInt: FieldCodec<number> = {
  kind: 'fixed',
  schema: { type: 'safeInt' },
  size: 8,
  align: 8,
  check(value, field) {
    if (!Number.isSafeInteger(value)) refuseScalar('safeInt', value, field);
  },
  store({ i32: words }, offset, value) {
    words[offset >> 2] = value | 0;
    words[(offset >> 2) + 1] = Math.floor(value / TWO_TO_32);
  },
  write(memory, offset, value) {
    safeInt.check(value);
    safeInt.store(memory, offset, value);
  },
  read({ i32: high, u32: low }, offset) {
    return high[(offset >> 2) + 1] * TWO_TO_32 + low[offset >> 2];
  },
  view({ i32: high, u32: low }) {
    return { moveTo: (offset) => high[(offset >> 2) + 1] * TWO_TO_32 + low[offset >> 2] };
  },
};
