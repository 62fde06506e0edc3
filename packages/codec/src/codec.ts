import type { FieldSchema, Schema } from './schema.ts';

/** Typed views over one shared buffer region. Every view starts at byte 0 of the region. A ring provides it. */
export interface Memory {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly byteLength: number;
}

/**
 * A codec whose values all take the same number of bytes.
 *
 * Values are checked and offsets are not: the ring that owns the memory vouches that `offset` is a multiple of `align`,
 * that `offset + size` lies inside the memory, and that both are below 2^31. Numbers are in the byte order of the machine.
 */
export interface FixedCodec<T, Input = T> {
  readonly kind: 'fixed';
  /** JSON-serialisable; `codecFromSchema(schema)` builds an equal codec in another thread. */
  readonly schema: Schema;
  /** Bytes per value, a multiple of `align`: the stride of an array of them. */
  readonly size: number;
  readonly align: 1 | 2 | 4 | 8;
  /** Throws a {@link CodecError} for a value that the codec cannot hold, and then has written nothing. */
  write(memory: Memory, offset: number, value: Input): void;
  /** Returns a value that stands on its own. */
  read(memory: Memory, offset: number): T;
  /** A flyweight for the hot path: no object is made per value. */
  view(memory: Memory): View<T>;
  /** The same, whose object refuses assignments (READ_ONLY). Absent where a view shows values and no object. */
  readOnlyView?(memory: Memory): View<T>;
  /** For structs: an object to fill a slot by. See {@link writableView}. */
  writableView?(memory: Memory): WritableView<T>;
}

/**
 * Reads values in place. For a struct `moveTo` returns one object, always the same, whose getters and setters access the
 * memory; what it shows is valid until the next `moveTo`. For a scalar `moveTo` returns the value itself.
 */
export interface View<T> {
  moveTo(offset: number): T;
}

/** The codec's view for whoever must not change what is in the memory. */
export const readOnlyView = <T>(codec: FixedCodec<T, never>, memory: Memory): View<T> =>
  codec.readOnlyView?.(memory) ?? codec.view(memory);

/**
 * Fills slots in place, by one object, always the same, whose setters check as `write` does and write the memory. Nothing
 * can be added to it: a misspelt field throws.
 */
export interface WritableView<T> extends View<T> {
  /** Zeroes the slot at `offset` and moves the object there. What is not assigned stays zero: 0, 0n, false, ''. */
  moveTo(offset: number): T;
  /** Moves the object to a slot outside the memory, so that a late assignment changes nothing there. */
  park(): void;
}

/** A view by which the slots of a struct are filled; undefined for every other codec. */
export const writableView = <T>(codec: Codec<T, never>, memory: Memory): WritableView<T> | undefined =>
  codec.kind === 'fixed' ? codec.writableView?.(memory) : undefined;

/** A codec whose values take different numbers of bytes. Any offset will do: nothing is aligned. */
export interface VariableCodec<T, Input = T> {
  readonly kind: 'variable';
  readonly schema: Schema;
  /**
   * Encodes at `offset` if the value fits in `room` bytes. Returns the bytes used, or minus the number of bytes that it
   * needs; then nothing is to be relied on in the room. Throws a {@link CodecError} for a value that it cannot hold.
   */
  write(memory: Memory, offset: number, room: number, value: Input): number;
  /** Copies out: the result never views the ring. */
  read(memory: Memory, offset: number, length: number): T;
}

export type Codec<T, Input = T> = FixedCodec<T, Input> | VariableCodec<T, Input>;

/** The type of the values that a codec reads. */
export type Infer<C> = C extends { read(memory: Memory, offset: number, length: number): infer T } ? T : never;

/** The type of the values that a codec accepts. */
export type InferInput<C> =
  C extends FixedCodec<unknown>
    ? C extends { write(memory: Memory, offset: number, value: infer I): void }
      ? I
      : never
    : C extends { write(memory: Memory, offset: number, room: number, value: infer I): number }
      ? I
      : never;

/** A fixed codec that may also be a field of a struct. `write` is `check`, then `store`. */
export interface FieldCodec<T> extends FixedCodec<T> {
  readonly schema: FieldSchema;
  /** Throws a {@link CodecError} unless `value` fits; `field` is the name to put into the message. */
  check(value: unknown, field?: string): void;
  /** Stores a value that `check` has passed. */
  store(memory: Memory, offset: number, value: T): void;
}
