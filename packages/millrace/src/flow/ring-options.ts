/** Options of `toRing`: checked, and compiled. */
import type { Codec } from '@millrace/codec';
import { MAX_DATA_BYTES, MAX_READERS, MAX_RING_RECORDS } from 'native-free-rings';
import * as v from 'valibot';
import { check } from './check-options.ts';
import { codec, integer } from './option-schemas.ts';

/** A destination ring, every default filled in. */
export interface CompiledRing {
  readonly kind: 'ring';
  readonly capacity: number;
  readonly dataBytes: number | undefined;
  readonly readers: number;
  readonly codec: Codec<unknown, never> | undefined;
}

const ringSchema = v.strictObject({
  capacity: integer(1, MAX_RING_RECORDS),
  dataBytes: integer(64, MAX_DATA_BYTES),
  readers: integer(1, MAX_READERS),
  codec: v.optional(codec('give the codec of the items')),
});

const DEFAULTS = { capacity: 4_096, readers: 8 } as const;

export function checkRing(given: unknown, faults: string[]): CompiledRing | undefined {
  const ring = check('toRing', ringSchema, given, faults);
  if (ring === undefined) return undefined;
  return {
    kind: 'ring',
    capacity: ring.capacity ?? DEFAULTS.capacity,
    dataBytes: ring.dataBytes,
    readers: ring.readers ?? DEFAULTS.readers,
    codec: ring.codec,
  };
}
