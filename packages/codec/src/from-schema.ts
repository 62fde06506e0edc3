import { bytesOf } from './bytes.ts';
import type { Codec } from './codec.ts';
import { fieldOf } from './field.ts';
import type { Schema } from './schema.ts';
import { refuseBadSchema } from './schema-check.ts';
import { structOf } from './struct.ts';
import { valueOf } from './value.ts';

/** Builds the codec that a schema describes, in another thread for example. Throws BAD_SCHEMA with every fault. */
export function codecFromSchema(schema: Schema): Codec<unknown> {
  refuseBadSchema(schema);
  switch (schema.type) {
    case 'struct':
      return structOf(schema);
    case 'bytes':
      return bytesOf(schema);
    case 'value':
      return valueOf(schema);
    default:
      return fieldOf(schema);
  }
}
