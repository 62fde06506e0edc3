import { CodecError } from './errors.ts';
import type { ScalarType } from './schema.ts';
import { ofField, show } from './show.ts';

interface Range {
  readonly holds: string;
  readonly remedy: string;
}

const integers = (from: string, to: string): string => `integers from ${from} to ${to}`;

/** What each scalar holds and what to do about a value outside, for messages. */
const RANGES: { readonly [T in ScalarType]: Range } = {
  u8: { holds: integers('0', '255'), remedy: 'round or clamp it, or use u16' },
  u16: { holds: integers('0', '65535'), remedy: 'round or clamp it, or use u32' },
  u32: { holds: integers('0', '4294967295'), remedy: 'round or clamp it, or use safeInt' },
  i8: { holds: integers('-128', '127'), remedy: 'round or clamp it, or use i16' },
  i16: { holds: integers('-32768', '32767'), remedy: 'round or clamp it, or use i32' },
  i32: { holds: integers('-2147483648', '2147483647'), remedy: 'round or clamp it, or use safeInt' },
  safeInt: { holds: integers('-(2^53 - 1)', '2^53 - 1'), remedy: 'round it, or use i64 with a bigint' },
  i64: { holds: 'bigints from -(2^63) to 2^63 - 1', remedy: 'use BigInt(n) for a number, or value()' },
  u64: { holds: 'bigints from 0 to 2^64 - 1', remedy: 'use BigInt(n) for a number, or value()' },
  f32: { holds: 'numbers up to about 3.4e38', remedy: 'use f64' },
  f64: { holds: 'numbers', remedy: 'convert it with Number()' },
  bool: { holds: 'true and false', remedy: 'convert it with Boolean()' },
};

const TYPE_OF: { readonly [T in ScalarType]?: string } = { i64: 'bigint', u64: 'bigint', bool: 'boolean' };

/** Throws the error for a scalar that failed its check. */
export function refuseScalar(type: ScalarType, value: unknown, field: string | undefined): never {
  refuseMissing(value, field, type);
  const wanted = TYPE_OF[type] ?? 'number';
  const code = typeof value === wanted ? 'OUT_OF_RANGE' : 'WRONG_TYPE';
  const { holds, remedy } = RANGES[type];
  throw new CodecError(code, `${show(value)}${ofField(field)} does not fit ${type}, which holds ${holds}: ${remedy}`, {
    field,
  });
}

/** Throws if the value is a field that is not there. */
export function refuseMissing(value: unknown, field: string | undefined, type: string): void {
  if (value !== undefined || field === undefined) return;
  throw new CodecError(
    'MISSING_FIELD',
    `field ${show(field)} is missing: every field of a struct needs a value (${type})`,
    {
      field,
    },
  );
}
