export { type ArrayCodec, type ArrayName, type ArrayOf, arrayOf } from './array-codec.ts';
export { type BytesCodec, type BytesInput, bytes } from './bytes.ts';
export {
  type Codec,
  type FieldCodec,
  type FixedCodec,
  type Infer,
  type InferInput,
  type Memory,
  readOnlyView,
  type VariableCodec,
  type View,
  type WritableView,
  writableView,
} from './codec.ts';
export { CodecError, type CodecErrorCode } from './errors.ts';
export { codecFromSchema } from './from-schema.ts';
export type { FieldLayout } from './layout.ts';
export type { VariableOptions } from './limit.ts';
export { privateMemory } from './private-memory.ts';
export { bool, f32, f64, i8, i16, i32, i64, safeInt, u8, u16, u32, u64 } from './scalars.ts';
export {
  type BytesSchema,
  describeSchema,
  type FieldSchema,
  type ScalarSchema,
  type ScalarType,
  type Schema,
  type StructSchema,
  sameSchema,
  type TextSchema,
  type ValueSchema,
} from './schema.ts';
export { type StructCodec, type StructFields, type StructValue, struct } from './struct.ts';
export { text } from './text.ts';
export { MAX_DEPTH, type ValueCodec, value } from './value.ts';
