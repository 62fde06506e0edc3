import { CodecError } from './errors.ts';
import { refuseBadSchema } from './schema-check.ts';
import { show } from './show.ts';

export interface VariableOptions {
  /** Largest encoded value, in bytes: 1 to 2^30, default 16 MiB. What fits a ring may be less; the ring says so. */
  readonly maxBytes?: number;
}

export const DEFAULT_MAX_BYTES: number = 16 * 1024 * 1024;

/** The limit that the options ask for; throws for anything else in them. */
export function limitOf(type: 'bytes' | 'value', options: VariableOptions = {}): number {
  if (typeof options !== 'object' || options === null) {
    throw new CodecError('BAD_SCHEMA', `${show(options)} is not an options object: ${type}({ maxBytes: 4096 })`);
  }
  const schema = { type, maxBytes: DEFAULT_MAX_BYTES, ...options };
  refuseBadSchema(schema);
  return schema.maxBytes;
}
