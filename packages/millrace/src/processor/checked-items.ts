import type { FieldCodec } from '@millrace/codec';
import { MillraceError } from '../thread/errors.ts';
import type { SegmentArray } from '../thread/segment-array.ts';

/** Where the open claim lies in the array: from `begin` on, so many items. */
export interface OpenClaim {
  readonly sequence: number;
  readonly begin: number;
  readonly claimed: number;
}

/**
 * The array of an output whose processor says `checked`. What is assigned is checked as `emit` does, and has to lie in the open
 * claim. It is slow: for development.
 */
export function checkedItems(array: SegmentArray, codec: FieldCodec<unknown>, claim: () => OpenClaim): SegmentArray {
  const put = (index: number, value: unknown): void => {
    const { sequence, begin, claimed } = claim();
    if (index < begin || index >= begin + claimed) throw outside(index, sequence, begin, claimed);
    codec.check(value);
    array[index] = value as never;
  };
  const methods: { readonly [name: string]: unknown } = {
    set: (values: ArrayLike<unknown>, offset = 0) => {
      for (let i = 0; i < values.length; i++) put(offset + i, values[i]);
    },
    fill: (value: unknown, begin = 0, end = array.length) => {
      for (let i = begin; i < end; i++) put(i, value);
    },
  };
  return new Proxy(array, {
    get(target, key) {
      if (typeof key === 'string' && Object.hasOwn(methods, key)) return methods[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(_target, key, value) {
      const index = typeof key === 'string' ? Number(key) : Number.NaN;
      if (!Number.isInteger(index)) return false;
      put(index, value);
      return true;
    },
  });
}

function outside(index: number, sequence: number, begin: number, claimed: number): MillraceError {
  const open = claimed === 0 ? 'no claim is open' : `the open claim is from ${begin} up to ${begin + claimed}`;
  return new MillraceError('EMIT_REFUSED', `items[${index}] was assigned, and ${open}: fill what was claimed`, {
    sequence,
  });
}
