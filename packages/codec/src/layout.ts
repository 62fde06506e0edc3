/**
 * The layout of a struct: fields in declared order, each at the next multiple of its own alignment, the whole padded to a
 * multiple of the largest alignment, as a C compiler does. Fields declared from large to small leave no gaps.
 *
 *     struct({ symbol: u32, price: f64, size: u32, at: f64 })     align 8, size 32
 *
 *     0        4        8                 16       20       24                32
 *     | symbol | (gap)  | price           | size   | (gap)  | at              |
 */
import type { FieldSchema } from './schema.ts';

export const MAX_STRUCT_BYTES = 65_536;

export interface FieldLayout {
  /** Bytes from the start of the struct. */
  readonly offset: number;
  /** Bytes, the padding of a text field included. */
  readonly size: number;
  readonly type: FieldSchema['type'];
}

export interface NamedLayout extends FieldLayout {
  readonly name: string;
  readonly schema: FieldSchema;
}

export interface Layout {
  readonly fields: readonly NamedLayout[];
  readonly size: number;
  readonly align: 1 | 2 | 4 | 8;
}

export function computeLayout(fields: readonly { readonly name: string; readonly schema: FieldSchema }[]): Layout {
  let end = 0;
  let align: Layout['align'] = 1;
  const placed = fields.map(({ name, schema }) => {
    const [size, fieldAlign] = measure(schema);
    const offset = roundUp(end, fieldAlign);
    end = offset + size;
    if (fieldAlign > align) align = fieldAlign;
    return { name, schema, type: schema.type, offset, size };
  });
  return { fields: placed, size: roundUp(end, align), align };
}

/** Size and alignment of a field, in bytes. */
function measure(schema: FieldSchema): [size: number, align: Layout['align']] {
  switch (schema.type) {
    case 'u8':
    case 'i8':
    case 'bool':
      return [1, 1];
    case 'u16':
    case 'i16':
      return [2, 2];
    case 'u32':
    case 'i32':
    case 'f32':
      return [4, 4];
    case 'f64':
    case 'i64':
    case 'u64':
    case 'safeInt':
      return [8, 8];
    case 'text':
      return [roundUp(2 + schema.maxBytes, 2), 2];
  }
}

function roundUp(offset: number, align: number): number {
  return (offset + align - 1) & -align;
}
