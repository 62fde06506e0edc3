import type { ArrayOf, StructSchema } from '@millrace/codec';

/** What tells a codec's type from that of an item. */
export interface CodecShape {
  readonly kind: 'fixed' | 'variable';
  readonly schema: object;
}

/** Which of three a codec of type `C` gets: of one number type, of a struct, or neither; the last where the codec is not known. */
export type ByCodec<C, OfArray, OfStruct> = [C] extends [never]
  ? unknown
  : [ArrayOf<C>] extends [never]
    ? C extends { readonly schema: StructSchema }
      ? OfStruct
      : unknown
    : OfArray;
