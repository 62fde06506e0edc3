import type { FieldCodec } from './codec.ts';
import { bool, f32, f64, i8, i16, i32, i64, safeInt, u8, u16, u32, u64 } from './scalars.ts';
import type { FieldSchema, ScalarType } from './schema.ts';
import { textOf } from './text.ts';

const SCALARS: { readonly [T in ScalarType]: FieldCodec<unknown> } = {
  u8,
  u16,
  u32,
  i8,
  i16,
  i32,
  f32,
  f64,
  i64,
  u64,
  safeInt,
  bool,
};

/** The codec of a field; a scalar's is always the one exported object. */
export function fieldOf(schema: FieldSchema): FieldCodec<unknown> {
  return schema.type === 'text' ? textOf(schema) : SCALARS[schema.type];
}
