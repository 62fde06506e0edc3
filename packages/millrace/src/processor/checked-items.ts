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
 * claim; its `subarray` is such an array as well. It is slow: for development.
 */
export function checkedItems(array: SegmentArray, codec: FieldCodec<unknown>, claim: () => OpenClaim): SegmentArray {
  return checkedPart(array, 0, codec, claim);
}

/** `offset`: where the part begins in the array of the output. */
function checkedPart(
  array: SegmentArray,
  offset: number,
  codec: FieldCodec<unknown>,
  claim: () => OpenClaim,
): SegmentArray {
  const expectClaimed = (index: number): void => {
    const { sequence, begin, claimed } = claim();
    const at = offset + index;
    if (at < begin || at >= begin + claimed) throw outside(at, sequence, begin, claimed);
  };
  const put = (index: number, value: unknown): void => {
    expectClaimed(index);
    codec.check(value);
    array[index] = value as never;
  };
  /** For what moves items: all of the part has to be claimed. */
  const expectWhole = (): void => {
    expectClaimed(0);
    expectClaimed(array.length - 1);
  };
  const methods: { readonly [name: string]: unknown } = {
    set: (values: ArrayLike<unknown>, at = 0) => {
      for (let i = 0; i < values.length; i++) put(at + i, values[i]);
    },
    subarray: (begin?: number, end?: number) => {
      const part = array.subarray(begin, end);
      return checkedPart(part, offset + (part.byteOffset - array.byteOffset) / array.BYTES_PER_ELEMENT, codec, claim);
    },
    copyWithin: (target: number, begin: number, end?: number) => {
      expectWhole();
      return array.copyWithin(target, begin, end);
    },
    reverse: () => {
      expectWhole();
      return array.reverse();
    },
    sort: (compare?: (a: never, b: never) => number) => {
      expectWhole();
      return (array as Int32Array).sort(compare as never);
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
