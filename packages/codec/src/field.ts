import type { FieldCodec } from './codec.ts';
import * as scalars from './scalars.ts';
import type { FieldSchema } from './schema.ts';
import { textOf } from './text.ts';

/** The codec of a field; a scalar's is always the one exported object. */
export function fieldOf(schema: FieldSchema): FieldCodec<unknown> {
  return schema.type === 'text' ? textOf(schema) : scalars[schema.type];
}
