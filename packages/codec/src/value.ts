/**
 * Any JavaScript value, in one of two forms; the first byte says which.
 *
 * - Plain: msgpackr, for trees of null, undefined, booleans, numbers, bigints of 64 bits, strings, arrays, plain objects,
 *   Date and Uint8Array. Fast, and what nearly every event is. No record definitions are used, so each value is complete in
 *   itself: a thread that was not there for the values before can read it.
 * - Rich: Node's structured clone (`node:v8`), for what msgpackr changes without a word: Map, Set, RegExp, other typed arrays, Buffer,
 *   built-in errors, larger bigints, -0, holes in arrays, half surrogate pairs, `__proto__` as a key, and cycles.
 *
 * Refused: functions, symbols, instances of classes (also subclasses of built-ins), boxed primitives, promises, weak collections,
 * SharedArrayBuffer, errors with a cause or own properties, nesting deeper than MAX_DEPTH. Not kept: symbol keys, properties that
 * are not enumerable, named properties of arrays, a null prototype, and, in a plain value, that an object occurs twice.
 * Getters are called, possibly more than once.
 */
import { createRequire } from 'node:module';
import { deserialize, serialize } from 'node:v8';
import type { Packr, Unpackr } from 'msgpackr';
import type { Memory, VariableCodec } from './codec.ts';
import { CodecError } from './errors.ts';
import { limitOf, type VariableOptions } from './limit.ts';
import type { ValueSchema } from './schema.ts';
import { show } from './show.ts';
import { checkValue } from './value-check.ts';

export { MAX_DEPTH } from './value-check.ts';

export type ValueCodec<T = unknown> = VariableCodec<T>;

const FORM_BYTES = 1;
const PLAIN = 0;
const RICH = 1;

/** Loaded with the first codec that needs it: with its native part it takes a thread 0.8 MiB and 10 ms to begin with. */
let msgpackr: { packr: Packr; unpackr: Unpackr; reuse: number };

function loadMsgpackr(): void {
  if (msgpackr !== undefined) return;
  const library = createRequire(import.meta.url)('msgpackr') as typeof import('msgpackr');
  msgpackr = {
    packr: new library.Packr({ useRecords: false, variableMapSize: true, useToJSON: false }),
    unpackr: new library.Unpackr({ useRecords: false, mapsAsObjects: true, copyBuffers: true }),
    reuse: library.REUSE_BUFFER_MODE | library.RESET_BUFFER_MODE,
  };
}

/** Any value, see above. `T` is what the caller knows about it; nothing checks it. */
export function value<T = unknown>(options?: VariableOptions): ValueCodec<T> {
  return valueOf({ type: 'value', maxBytes: limitOf('value', options) }) as ValueCodec<T>;
}

export function valueOf(schema: ValueSchema): ValueCodec {
  const { maxBytes } = schema;
  loadMsgpackr();
  return {
    kind: 'variable',
    schema,
    write(memory, offset, room, input) {
      // msgpackr packs one value at a time: one that a getter of another writes meanwhile takes the other form.
      const form = checkValue(input, maxBytes - FORM_BYTES) === 'plain' && !isPacking ? PLAIN : RICH;
      const packed = form === PLAIN ? pack(input) : clone(input);
      const length = FORM_BYTES + packed.length;
      if (length > maxBytes) {
        throw new CodecError(
          'TOO_LARGE',
          `the value takes ${length} bytes, more than ${maxBytes}: split it, or raise the limit with value({ maxBytes })`,
        );
      }
      if (length > room) return -length;
      memory.u8[offset] = form;
      memory.u8.set(packed, offset + FORM_BYTES);
      return length;
    },
    read(memory, offset, length) {
      const start = offset + FORM_BYTES;
      try {
        if (memory.u8[offset] === PLAIN) return unpack(memory, start, length - FORM_BYTES);
        if (memory.u8[offset] === RICH) return deserialize(memory.u8.slice(start, offset + length));
      } catch (cause) {
        throw new CodecError('BAD_BYTES', `${length} bytes at ${offset} are not a value: see cause`, { cause });
      }
      throw new CodecError(
        'BAD_BYTES',
        `${length} bytes at ${offset} are not a value: the first is ${memory.u8[offset]}`,
      );
    },
  };
}

let isPacking = false;

/** The result is overwritten by the next call. */
function pack(input: unknown): Uint8Array {
  isPacking = true;
  try {
    const buffer = msgpackr.packr.pack(input, msgpackr.reuse) as Buffer & { start: number; end: number };
    return buffer.subarray(buffer.start, buffer.end);
  } catch (cause) {
    throw new CodecError('UNSUPPORTED_VALUE', `${show(input)} cannot be packed: see cause`, { cause });
  } finally {
    isPacking = false;
  }
}

function clone(input: unknown): Uint8Array {
  try {
    return serialize(input);
  } catch (cause) {
    throw new CodecError('UNSUPPORTED_VALUE', `${show(input)} cannot be cloned: see cause`, { cause });
  }
}

const KEPT_SCRATCH_BYTES = 65_536;
let scratch: Uint8Array = new Uint8Array(1024);

/** Unpacks from a private copy, which msgpackr's cached views of its source may keep. */
function unpack(memory: Memory, start: number, length: number): unknown {
  if (length > KEPT_SCRATCH_BYTES) return msgpackr.unpackr.unpack(memory.u8.slice(start, start + length));
  if (length > scratch.length) scratch = new Uint8Array(Math.min(2 * length, KEPT_SCRATCH_BYTES));
  scratch.set(memory.u8.subarray(start, start + length));
  return msgpackr.unpackr.unpack(scratch, length);
}
