import { CodecError } from './errors.ts';
import { computeLayout, MAX_STRUCT_BYTES } from './layout.ts';
import { type FieldSchema, SCALAR_TYPES, type Schema } from './schema.ts';
import { show } from './show.ts';

/** The length word of a text is a u16, and the whole field has to fit a struct. */
const MAX_TEXT_BYTES = 65_534;
/** Above this the generated code would be slow to compile and its objects no longer fast. */
const MAX_FIELDS = 1_000;
/** Limit that `bytes` and `value` may be given. */
const MAX_VARIABLE_BYTES: number = 2 ** 30;

const FAULTS_SHOWN = 8;

/** Throws a BAD_SCHEMA error that lists every fault, unless this is a schema. It may come from anywhere, JSON for example. */
export function refuseBadSchema(schema: unknown): asserts schema is Schema {
  const faults = schemaFaults(schema);
  if (faults.length === 0) return;
  const more = faults.length > FAULTS_SHOWN ? `; and ${faults.length - FAULTS_SHOWN} more` : '';
  throw new CodecError('BAD_SCHEMA', `${faults.slice(0, FAULTS_SHOWN).join('; ')}${more}`);
}

function schemaFaults(schema: unknown): string[] {
  if (!isRecord(schema)) return [`${show(schema)} is not a schema: it must be an object with a "type"`];
  switch (schema.type) {
    case 'struct':
      return [...unknownKeys(schema, ['type', 'fields']), ...structFaults(schema.fields)];
    case 'bytes':
    case 'value':
      return [...unknownKeys(schema, ['type', 'maxBytes']), ...limitFaults(schema, MAX_VARIABLE_BYTES)];
    default:
      return fieldFaults(schema);
  }
}

function fieldFaults(schema: { readonly [key: string]: unknown }): string[] {
  if (schema.type === 'text') {
    return [...unknownKeys(schema, ['type', 'maxBytes']), ...limitFaults(schema, MAX_TEXT_BYTES)];
  }
  if ((SCALAR_TYPES as readonly unknown[]).includes(schema.type)) return unknownKeys(schema, ['type']);
  return [`${show(schema.type)} is not a type: use ${SCALAR_TYPES.join(', ')}, text(n), struct, bytes or value`];
}

function structFaults(fields: unknown): string[] {
  if (!Array.isArray(fields)) return ['a struct needs a list of fields'];
  if (fields.length === 0) return ['a struct needs at least one field'];
  if (fields.length > MAX_FIELDS) return [`${fields.length} fields are more than the limit of ${MAX_FIELDS}`];
  const faults: string[] = [];
  const names = new Set<unknown>();
  for (const field of fields) {
    if (!isRecord(field)) {
      faults.push(`${show(field)} is not a field: it must be { name, schema }`);
      continue;
    }
    faults.push(...unknownKeys(field, ['name', 'schema']));
    const { name, schema } = field;
    if (names.has(name)) faults.push(`field ${show(name)} is there twice`);
    names.add(name);
    faults.push(...nameFaults(name));
    faults.push(...fieldOfStructFaults(schema).map((fault) => `field ${show(name)}: ${fault}`));
  }
  if (faults.length > 0) return faults;
  const { size } = computeLayout(fields as { name: string; schema: FieldSchema }[]);
  return size > MAX_STRUCT_BYTES
    ? [`${size} bytes are more than the limit of ${MAX_STRUCT_BYTES}: use value() or bytes()`]
    : [];
}

function nameFaults(name: unknown): string[] {
  if (typeof name !== 'string') return [`field name ${show(name)} is not a string`];
  // An assignment to this name changes the prototype instead.
  if (name === '__proto__') return ['a field cannot be named "__proto__"'];
  // JavaScript moves such keys to the front of every object, so the declared order would silently be another one.
  if (/^(0|[1-9]\d*)$/.test(name)) return [`a field cannot be named ${show(name)}, a number: prefix it with a letter`];
  return [];
}

function fieldOfStructFaults(schema: unknown): string[] {
  if (!isRecord(schema)) return [`${show(schema)} is not a codec: use ${SCALAR_TYPES.join(', ')} or text(n)`];
  if (schema.type === 'struct') return ['a struct cannot be a field: list its fields here'];
  if (schema.type === 'bytes' || schema.type === 'value')
    return [`${schema.type} varies in length and cannot be a field`];
  return fieldFaults(schema);
}

function limitFaults({ type, maxBytes }: { readonly [key: string]: unknown }, limit: number): string[] {
  const ok = Number.isInteger(maxBytes) && (maxBytes as number) >= 1 && (maxBytes as number) <= limit;
  return ok
    ? []
    : [`maxBytes of ${show(type).slice(1, -1)} must be an integer from 1 to ${limit}, not ${show(maxBytes)}`];
}

/** A property that is misspelt or of another version would otherwise be dropped without a word. */
function unknownKeys(record: { readonly [key: string]: unknown }, known: readonly string[]): string[] {
  return Object.keys(record)
    .filter((key) => !known.includes(key))
    .map((key) => `unknown property ${show(key)}: ${known.join(', ')} are known`);
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
