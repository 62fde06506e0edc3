/**
 * The one module that says `Atomics.` and views a `SharedArrayBuffer` raw. It is imported as `#atomics`, so that the model
 * checker (`@millrace/interleave`) can stand in for it under the condition `interleave`. V8 inlines these wrappers: a
 * wrapped load costs what `Atomics.load` costs (6 ns on Node 20).
 */

export type Words = Int32Array<SharedArrayBuffer>;

export const allocate = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

export const viewI8 = (buffer: SharedArrayBuffer, byteOffset?: number, length?: number): Int8Array<SharedArrayBuffer> =>
  new Int8Array(buffer, byteOffset, length);
export const viewU8 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint8Array<SharedArrayBuffer> => new Uint8Array(buffer, byteOffset, length);
export const viewI16 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Int16Array<SharedArrayBuffer> => new Int16Array(buffer, byteOffset, length);
export const viewU16 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint16Array<SharedArrayBuffer> => new Uint16Array(buffer, byteOffset, length);
export const viewI32 = (buffer: SharedArrayBuffer, byteOffset?: number, length?: number): Words =>
  new Int32Array(buffer, byteOffset, length);
export const viewU32 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint32Array<SharedArrayBuffer> => new Uint32Array(buffer, byteOffset, length);
export const viewF32 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Float32Array<SharedArrayBuffer> => new Float32Array(buffer, byteOffset, length);
export const viewF64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Float64Array<SharedArrayBuffer> => new Float64Array(buffer, byteOffset, length);
export const viewI64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): BigInt64Array<SharedArrayBuffer> => new BigInt64Array(buffer, byteOffset, length);
export const viewU64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): BigUint64Array<SharedArrayBuffer> => new BigUint64Array(buffer, byteOffset, length);

/** Copies bytes with plain accesses; the caller orders them by a later store to a cursor. Short runs are copied by hand. */
export function copyBytes(
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): void {
  if (length <= 32) {
    for (let i = 0; i < length; i++) target[targetOffset + i] = source[sourceOffset + i]!;
  } else {
    target.set(source.subarray(sourceOffset, sourceOffset + length), targetOffset);
  }
}

export const load = (words: Words, index: number): number => Atomics.load(words, index);
export const store = (words: Words, index: number, value: number): void => {
  Atomics.store(words, index, value);
};
/** Adds with 32-bit wrap and returns the value before. */
export const add = (words: Words, index: number, value: number): number => Atomics.add(words, index, value);
export const or = (words: Words, index: number, value: number): number => Atomics.or(words, index, value);
export const and = (words: Words, index: number, value: number): number => Atomics.and(words, index, value);
export const exchange = (words: Words, index: number, value: number): number => Atomics.exchange(words, index, value);
/** Returns the value before; the exchange took place if that is `expected`. */
export const compareExchange = (words: Words, index: number, expected: number, replacement: number): number =>
  Atomics.compareExchange(words, index, expected, replacement);

export const wait = (
  words: Words,
  index: number,
  expected: number,
  timeoutMs?: number,
): 'ok' | 'not-equal' | 'timed-out' => Atomics.wait(words, index, expected, timeoutMs);

export type AsyncWait =
  | { async: false; value: 'not-equal' | 'timed-out' }
  | { async: true; value: Promise<'ok' | 'timed-out'> };

// TypeScript's library declares waitAsync from ES2024 on; Node has it since 16.
const platform = Atomics as unknown as {
  waitAsync(words: Words, index: number, expected: number, timeoutMs?: number): AsyncWait;
  pause?(): void;
};

export const waitAsync = (words: Words, index: number, expected: number, timeoutMs?: number): AsyncWait =>
  platform.waitAsync(words, index, expected, timeoutMs);

export const notify = (words: Words, index: number, count?: number): number => Atomics.notify(words, index, count);

/** Tells the processor that this is a spin loop. `Atomics.pause` exists from Node 24 on; before, this is nothing. */
export const pause: () => void = platform.pause === undefined ? () => {} : () => platform.pause?.();

/**
 * A plain read of a word which another thread stores, used as a hint that may be stale: 0.3 ns instead of 6. Whoever
 * uses it must be right for every value the word ever had, and look again with `load` before sleeping.
 */
export const racyLoad = (words: Words, index: number): number => words[index]!;
