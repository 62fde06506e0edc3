/** Number types that one typed-array element holds. */
export type ScalarType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'i8'
  | 'i16'
  | 'i32'
  | 'f32'
  | 'f64'
  | 'i64'
  | 'u64'
  | 'safeInt'
  | 'bool';

export interface ScalarSchema {
  readonly type: ScalarType;
}
export interface TextSchema {
  readonly type: 'text';
  /** Limit of the UTF-8 form. */
  readonly maxBytes: number;
}
/** What a field of a struct may be. */
export type FieldSchema = ScalarSchema | TextSchema;

/** The fields are a list, so that their order survives JSON whatever their names are. */
export interface StructSchema {
  readonly type: 'struct';
  readonly fields: readonly { readonly name: string; readonly schema: FieldSchema }[];
}
export interface BytesSchema {
  readonly type: 'bytes';
  readonly maxBytes: number;
}
export interface ValueSchema {
  readonly type: 'value';
  readonly maxBytes: number;
}

/** How values are laid out, as plain data: it travels to other threads and compares by content. */
export type Schema = FieldSchema | StructSchema | BytesSchema | ValueSchema;

/** The type names of fields which take no parameter. */
export const SCALAR_TYPES: readonly ScalarType[] = [
  'u8',
  'u16',
  'u32',
  'i8',
  'i16',
  'i32',
  'f32',
  'f64',
  'i64',
  'u64',
  'safeInt',
  'bool',
];

/** Whether two schemas lay out the same bytes: same types, same limits, same fields in the same order. */
export function sameSchema(a: Schema, b: Schema): boolean {
  if (a.type !== b.type) return false;
  if (a.type === 'struct' && b.type === 'struct') {
    return (
      a.fields.length === b.fields.length &&
      a.fields.every((field, i) => {
        const other = b.fields[i];
        return field.name === other.name && sameSchema(field.schema, other.schema);
      })
    );
  }
  return ('maxBytes' in a ? a.maxBytes : undefined) === ('maxBytes' in b ? b.maxBytes : undefined);
}

const DESCRIPTION_LIMIT = 200;

/** One line for messages, at most about 200 characters: `struct { symbol: u32, name: text(16) }`. */
export function describeSchema(schema: Schema): string {
  if (schema.type !== 'struct') return 'maxBytes' in schema ? `${schema.type}(${schema.maxBytes})` : schema.type;
  let fields = '';
  for (const [i, field] of schema.fields.entries()) {
    const name = /^[\w$]{1,40}$/.test(field.name) ? field.name : JSON.stringify(field.name.slice(0, 40));
    const next = `${i === 0 ? '' : ', '}${name}: ${describeSchema(field.schema)}`;
    if (fields.length + next.length > DESCRIPTION_LIMIT) {
      fields += `, and ${schema.fields.length - i} more`;
      break;
    }
    fields += next;
  }
  return `struct { ${fields} }`;
}
