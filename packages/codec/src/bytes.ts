import { types } from 'node:util';
import type { VariableCodec } from './codec.ts';
import { CodecError } from './errors.ts';
import { DEFAULT_MAX_BYTES, limitOf, type VariableOptions } from './limit.ts';
import type { BytesSchema } from './schema.ts';
import { show } from './show.ts';

export type BytesInput = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;
export type BytesCodec = VariableCodec<Uint8Array<ArrayBuffer>, BytesInput>;

/**
 * Bytes as they are. Takes a Buffer, any typed array, a DataView, an ArrayBuffer or a SharedArrayBuffer, and copies what it
 * covers; reading gives a fresh Uint8Array. A detached buffer is refused.
 */
export function bytes(options?: VariableOptions): BytesCodec {
  return bytesOf({ type: 'bytes', maxBytes: limitOf('bytes', options) });
}

export function bytesOf(schema: BytesSchema): BytesCodec {
  const { maxBytes } = schema;
  return {
    kind: 'variable',
    schema,
    write(memory, offset, room, value) {
      let source = types.isUint8Array(value) ? value : viewOf(value);
      let length = lengthOf(source);
      if (length === 0) {
        source = viewOf(value);
        length = lengthOf(source);
      }
      if (length > maxBytes) refuseLong(length, maxBytes);
      if (length > room) return -length;
      memory.u8.set(source, offset);
      return length;
    },
    read(memory, offset, length) {
      // A typed array's slice is a copy, in memory of its own even when this memory is shared.
      return memory.u8.slice(offset, offset + length) as Uint8Array<ArrayBuffer>;
    },
  };
}

/** The array's own length, and not what a property of that name says: `set` copies so many bytes. */
const lengthGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!
  .get as () => number;
const lengthOf = (array: Uint8Array): number => lengthGetter.call(array);

/** Also the door for empty views: a detached buffer looks like one. */
function viewOf(value: unknown): Uint8Array {
  try {
    if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  } catch (cause) {
    throw new CodecError(
      'UNREADABLE_VALUE',
      `the bytes of ${show(value)} cannot be read, for example because its buffer is detached: see cause`,
      { cause },
    );
  }
  throw new CodecError(
    'WRONG_TYPE',
    `${show(value)} is not bytes: pass a Buffer, a typed array, a DataView or an ArrayBuffer`,
  );
}

function refuseLong(length: number, maxBytes: number): never {
  const raise = maxBytes === DEFAULT_MAX_BYTES ? 'the default limit; raise it with bytes({ maxBytes })' : 'the limit';
  throw new CodecError('TOO_LARGE', `${length} bytes are more than ${maxBytes}, ${raise}, or send them in parts`);
}
