import type { FieldCodec, FixedCodec, Infer, Memory, View, WritableView } from './codec.ts';
import { CodecError } from './errors.ts';
import { fieldOf } from './field.ts';
import { computeLayout, type FieldLayout } from './layout.ts';
import { privateMemory } from './private-memory.ts';
import type { FieldSchema, StructSchema } from './schema.ts';
import { refuseBadSchema } from './schema-check.ts';
import { show } from './show.ts';
import { generateStruct } from './struct-generated.ts';
import { interpretStruct } from './struct-interpreted.ts';

export type StructFields = { readonly [name: string]: FieldCodec<unknown> };

/** What a struct with these fields holds. Views give it too, so its properties can be assigned. */
export type StructValue<F extends StructFields> = { -readonly [K in keyof F]: Infer<F[K]> };

export interface StructCodec<F extends StructFields> extends FixedCodec<StructValue<F>> {
  readonly schema: StructSchema;
  readOnlyView(memory: Memory): View<StructValue<F>>;
  writableView(memory: Memory): WritableView<StructValue<F>>;
  /** Where each field lies. */
  readonly layout: { readonly [K in keyof F]: FieldLayout };
  /** False where Node runs with `--disallow-code-generation-from-strings`: the same results, a write about 40 times slower. */
  readonly generated: boolean;
}

/**
 * A record of fixed size, with fields in declared order (see layout.ts for where each goes):
 *
 *     const Tick = struct({ symbol: u32, price: f64, size: u32, at: f64 });
 *
 * Writing takes any object with these properties, a view of another ring included; further properties are not looked at.
 * All fields are read and checked before the first byte is written. Limits: 1,000 fields, 65,536 bytes.
 */
export function struct<const F extends StructFields>(fields: F): StructCodec<F> {
  const schema = { type: 'struct', fields: listFields(fields) };
  refuseBadSchema(schema);
  // The schema was derived from `fields`, which is what makes the type F true.
  return structOf(schema as StructSchema) as unknown as StructCodec<F>;
}

/** `code` is for the tests, which run both implementations. */
export function structOf(schema: StructSchema, code: 'best' | 'interpreted' = 'best'): StructCodec<StructFields> {
  const { fields, size, align } = computeLayout(schema.fields);
  const placed = fields.map((field) => ({ name: field.name, offset: field.offset, codec: fieldOf(field.schema) }));
  const generated = code === 'best' ? generateStruct(placed, size, align) : undefined;
  const { write, read, view, readOnlyView, writableView } = generated ?? interpretStruct(placed, size);
  const layout = Object.fromEntries(
    fields.map((field) => [field.name, Object.freeze({ offset: field.offset, size: field.size, type: field.type })]),
  );
  return {
    kind: 'fixed',
    schema,
    size,
    align,
    layout: Object.freeze(layout),
    generated: generated !== undefined,
    write,
    read: read as StructCodec<StructFields>['read'],
    view: view as StructCodec<StructFields>['view'],
    readOnlyView: readOnlyView as StructCodec<StructFields>['view'],
    writableView: (memory) => writableView(memory, privateMemory(size)) as WritableView<StructValue<StructFields>>,
  };
}

function listFields(fields: unknown): { name: string; schema: FieldSchema }[] {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new CodecError('BAD_SCHEMA', `${show(fields)} is not a list of fields: struct({ name: codec, … })`);
  }
  // Only the schema is taken from what was passed: the codec itself is built here, so that it is the real one.
  return Object.entries(fields).map(([name, codec]) => ({ name, schema: codec?.schema ?? codec }));
}
