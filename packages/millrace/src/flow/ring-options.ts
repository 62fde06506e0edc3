/** Options of `toRing`: checked, and compiled. */
import type { Codec } from '@millrace/codec';
import { ceilPowerOfTwo, MAX_DATA_BYTES, MAX_READERS, MAX_RING_RECORDS } from 'native-free-rings';
import * as v from 'valibot';
import { check } from './check-options.ts';
import { codec, integer, show } from './option-schemas.ts';

/** A destination ring, every default filled in. */
export interface CompiledRing {
  readonly kind: 'ring';
  readonly capacity: number;
  readonly dataBytes: number | undefined;
  readonly readers: number;
  readonly readyAt: number;
  readonly sequences: boolean;
  readonly codec: Codec<unknown, never> | undefined;
}

const ringSchema = v.strictObject({
  capacity: integer(1, MAX_RING_RECORDS),
  dataBytes: integer(64, MAX_DATA_BYTES),
  readers: integer(1, MAX_READERS),
  readyAt: v.optional(
    v.custom<number>(
      (input) => typeof input === 'number' && (Number.isInteger(input) ? input >= 1 : input > 0 && input < 1),
      (issue) =>
        `is ${show(issue.input)}; give a number of items, an integer from 1 to the capacity, or a part of the capacity between 0 and 1`,
    ),
  ),
  sequences: v.optional(v.boolean((issue) => `is ${show(issue.input)}; give true or false`)),
  codec: v.optional(codec('give the codec of the items')),
});

const DEFAULTS = { capacity: 4_096, readers: 8, readyAt: 1 } as const;

export function checkRing(given: unknown, faults: string[]): CompiledRing | undefined {
  const ring = check('toRing', ringSchema, given, faults);
  if (ring === undefined) return undefined;
  const { capacity = DEFAULTS.capacity, readyAt = DEFAULTS.readyAt } = ring;
  const most = ceilPowerOfTwo(capacity);
  if (readyAt > most) {
    faults.push(
      `toRing.readyAt is ${readyAt} items, and the ring holds ${most}; give 1 to ${most}, or a part of it between 0 and 1`,
    );
  }
  return {
    kind: 'ring',
    capacity,
    dataBytes: ring.dataBytes,
    readers: ring.readers ?? DEFAULTS.readers,
    readyAt,
    sequences: ring.sequences ?? false,
    codec: ring.codec,
  };
}
