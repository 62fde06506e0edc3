import { Kind } from './machine/operation.ts';
import { createView, isView, realOf } from './machine/views.ts';
import { seam } from './seam.ts';

/**
 * The checker's side of the seam `#atomics`: the same surface as the module of real atomics that it replaces under the
 * Node condition `interleave`. While the checker runs a thread body every access is a step of the model; at any other time
 * (setup, `after`, no model at all) it is the real access.
 */

export type Words = Int32Array<SharedArrayBuffer>;

export type AsyncWait =
  | { async: false; value: 'not-equal' | 'timed-out' }
  | { async: true; value: Promise<'ok' | 'timed-out'> };

// TypeScript's library declares waitAsync from ES2024 on; Node has it since 16.
const platform = Atomics as unknown as {
  waitAsync(words: Words, index: number, expected: number, timeoutMs?: number): AsyncWait;
};

export function allocate(bytes: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes);
  seam.memory?.region(buffer);
  return buffer;
}

export const viewI8 = (buffer: SharedArrayBuffer, byteOffset?: number, length?: number): Int8Array<SharedArrayBuffer> =>
  createView(Int8Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewU8 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint8Array<SharedArrayBuffer> => createView(Uint8Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewI16 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Int16Array<SharedArrayBuffer> => createView(Int16Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewU16 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint16Array<SharedArrayBuffer> => createView(Uint16Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewI32 = (buffer: SharedArrayBuffer, byteOffset?: number, length?: number): Words =>
  createView(Int32Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewU32 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Uint32Array<SharedArrayBuffer> => createView(Uint32Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewF32 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Float32Array<SharedArrayBuffer> => createView(Float32Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewF64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): Float64Array<SharedArrayBuffer> => createView(Float64Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewI64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): BigInt64Array<SharedArrayBuffer> => createView(BigInt64Array<SharedArrayBuffer>, buffer, byteOffset, length);
export const viewU64 = (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
): BigUint64Array<SharedArrayBuffer> => createView(BigUint64Array<SharedArrayBuffer>, buffer, byteOffset, length);

/** Copies bytes with plain accesses. Either side may be shared or private. */
export function copyBytes(
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): void {
  const bodies = seam.bodies;
  if (bodies === null) {
    realOf(target).set(realOf(source).subarray(sourceOffset, sourceOffset + length), targetOffset);
    return;
  }
  if (length === 0) return;
  const bytes = isView(source)
    ? bodies.readBytes(realOf(source), sourceOffset, length)
    : source.slice(sourceOffset, sourceOffset + length);
  if (isView(target)) bodies.writeBytes(realOf(target), targetOffset, bytes);
  else target.set(bytes, targetOffset);
}

export function load(words: Words, index: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.load(realOf(words), index);
  return bodies.atomic(Kind.load, realOf(words), index, 0, 0);
}

export function store(words: Words, index: number, value: number): void {
  const bodies = seam.bodies;
  if (bodies === null) Atomics.store(realOf(words), index, value);
  else bodies.atomic(Kind.store, realOf(words), index, value, 0);
}

/** Adds with 32-bit wrap and returns the value before. */
export function add(words: Words, index: number, value: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.add(realOf(words), index, value);
  return bodies.atomic(Kind.add, realOf(words), index, value, 0);
}

export function or(words: Words, index: number, value: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.or(realOf(words), index, value);
  return bodies.atomic(Kind.or, realOf(words), index, value, 0);
}

export function and(words: Words, index: number, value: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.and(realOf(words), index, value);
  return bodies.atomic(Kind.and, realOf(words), index, value, 0);
}

export function exchange(words: Words, index: number, value: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.exchange(realOf(words), index, value);
  return bodies.atomic(Kind.exchange, realOf(words), index, value, 0);
}

/** Returns the value before; the exchange took place if that is `expected`. */
export function compareExchange(words: Words, index: number, expected: number, replacement: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.compareExchange(realOf(words), index, expected, replacement);
  return bodies.atomic(Kind.compareExchange, realOf(words), index, expected, replacement);
}

export function wait(
  words: Words,
  index: number,
  expected: number,
  timeoutMs?: number,
): 'ok' | 'not-equal' | 'timed-out' {
  const bodies = seam.bodies;
  if (bodies !== null) return bodies.wait(realOf(words), index, expected, timeoutMs);
  if (seam.memory !== null && timeoutMs === undefined && Atomics.load(realOf(words), index) === expected) {
    throw new Error('setup() or after() would sleep for ever in wait()');
  }
  return Atomics.wait(realOf(words), index, expected, timeoutMs);
}

export function waitAsync(words: Words, index: number, expected: number, timeoutMs?: number): AsyncWait {
  const bodies = seam.bodies;
  if (bodies === null) return platform.waitAsync(realOf(words), index, expected, timeoutMs);
  return bodies.waitAsync(realOf(words), index, expected, timeoutMs);
}

export function notify(words: Words, index: number, count?: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return Atomics.notify(realOf(words), index, count);
  return bodies.atomic(Kind.notify, realOf(words), index, count ?? Number.POSITIVE_INFINITY, 0);
}

/** A spin hint. A body that only repeats what it read before goes on when something that it read has changed. */
export function pause(): void {
  seam.bodies?.pause();
}

/** A plain read on purpose: exempt from the race check, and the search tries every value that it could still see. */
export function racyLoad(words: Words, index: number): number {
  const bodies = seam.bodies;
  if (bodies === null) return realOf(words)[index];
  return bodies.atomic(Kind.racyLoad, realOf(words), index, 0, 0);
}
