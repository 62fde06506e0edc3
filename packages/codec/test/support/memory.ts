import type { Memory } from '../../src/index.ts';

/** What the bytes outside a value hold before and after. */
export const FILL = 0xa5;

/** Memory over a SharedArrayBuffer, at a byte offset of its own, as a ring's data region is. */
export function sharedMemory(byteLength: number): Memory {
  const buffer = new SharedArrayBuffer(byteLength + 64);
  const over = <V>(type: {
    new (buffer: SharedArrayBuffer, offset: number, length: number): V;
    BYTES_PER_ELEMENT: number;
  }): V => new type(buffer, 64, byteLength / type.BYTES_PER_ELEMENT);
  const memory: Memory = {
    i8: over(Int8Array),
    u8: over(Uint8Array),
    i16: over(Int16Array),
    u16: over(Uint16Array),
    i32: over(Int32Array),
    u32: over(Uint32Array),
    f32: over(Float32Array),
    f64: over(Float64Array),
    i64: over(BigInt64Array),
    u64: over(BigUint64Array),
    byteLength,
  };
  memory.u8.fill(FILL);
  return memory;
}

/** Throws unless every byte outside [begin, end) still holds the fill. */
export function expectUntouchedOutside(memory: Memory, begin: number, end: number): void {
  for (let i = 0; i < memory.byteLength; i++) {
    if ((i < begin || i >= end) && memory.u8[i] !== FILL)
      throw new Error(`byte ${i} outside [${begin}, ${end}) was written`);
  }
}
