import type { Codec, FieldCodec, Memory } from './codec.ts';

/** A typed array of a {@link Memory}, by its name there. */
export type ArrayName = Exclude<keyof Memory, 'byteLength'>;

/** A codec whose values are the elements of one typed array: a loop over that array reads and writes them. */
export interface ArrayCodec<A extends ArrayName> extends FieldCodec<Memory[A][number]> {
  readonly schema: { readonly type: A };
}

/** The name of the typed array whose elements are the values of codec `C`. `never` for every other codec. */
export type ArrayOf<C> = C extends { readonly schema: { readonly type: infer T } }
  ? [T] extends [ArrayName]
    ? T
    : never
  : never;

const ARRAYS: { readonly [A in ArrayName]: A } = {
  i8: 'i8',
  u8: 'u8',
  i16: 'i16',
  u16: 'u16',
  i32: 'i32',
  u32: 'u32',
  f32: 'f32',
  f64: 'f64',
  i64: 'i64',
  u64: 'u64',
};

/**
 * Which typed array of a memory has the values of this codec as its elements. Undefined where none has: `bool` and
 * `safeInt`, whose bytes are no numbers of their value, and everything that is not one number.
 */
export function arrayOf(codec: Codec<unknown, never>): ArrayName | undefined {
  const { type } = codec.schema;
  return Object.hasOwn(ARRAYS, type) ? ARRAYS[type as ArrayName] : undefined;
}
