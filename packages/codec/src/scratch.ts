import type { Memory } from './codec.ts';

/** Memory of this thread's own, for what must reach no ring. */
export function scratchMemory(bytes: number): Memory {
  const byteLength = (bytes + 7) & ~7;
  const buffer = new ArrayBuffer(byteLength);
  return {
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    byteLength,
  };
}
