import type { Memory } from './codec.ts';

/** Typed views over memory of this thread's own, for codecs to write to and read from where no ring is: `bytes`, up to a multiple of 8. */
export function privateMemory(bytes: number): Memory {
  const byteLength = Math.ceil(bytes / 8) * 8;
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
