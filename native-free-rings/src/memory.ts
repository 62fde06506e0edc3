import {
  viewF32,
  viewF64,
  viewI8,
  viewI16,
  viewI32,
  viewI64,
  viewU8,
  viewU16,
  viewU32,
  viewU64,
  type Words,
} from '#atomics';

/** Typed views over one region of a shared buffer. Each starts at byte 0 of the region, so byte offset `o` is `i32[o >> 2]`. */
export class Memory {
  readonly i8: Int8Array<SharedArrayBuffer>;
  readonly u8: Uint8Array<SharedArrayBuffer>;
  readonly i16: Int16Array<SharedArrayBuffer>;
  readonly u16: Uint16Array<SharedArrayBuffer>;
  readonly i32: Words;
  readonly u32: Uint32Array<SharedArrayBuffer>;
  readonly f32: Float32Array<SharedArrayBuffer>;
  readonly f64: Float64Array<SharedArrayBuffer>;
  readonly i64: BigInt64Array<SharedArrayBuffer>;
  readonly u64: BigUint64Array<SharedArrayBuffer>;
  readonly byteLength: number;

  /** `byteOffset` and `byteLength` are multiples of 8. */
  constructor(buffer: SharedArrayBuffer, byteOffset = 0, byteLength: number = buffer.byteLength - byteOffset) {
    this.i8 = viewI8(buffer, byteOffset, byteLength);
    this.u8 = viewU8(buffer, byteOffset, byteLength);
    this.i16 = viewI16(buffer, byteOffset, byteLength >> 1);
    this.u16 = viewU16(buffer, byteOffset, byteLength >> 1);
    this.i32 = viewI32(buffer, byteOffset, byteLength >> 2);
    this.u32 = viewU32(buffer, byteOffset, byteLength >> 2);
    this.f32 = viewF32(buffer, byteOffset, byteLength >> 2);
    this.f64 = viewF64(buffer, byteOffset, byteLength >> 3);
    this.i64 = viewI64(buffer, byteOffset, byteLength >> 3);
    this.u64 = viewU64(buffer, byteOffset, byteLength >> 3);
    this.byteLength = byteLength;
  }
}
