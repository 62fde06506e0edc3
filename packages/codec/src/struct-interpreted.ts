/**
 * The same struct without generated code, for processes that forbid code generation from strings: a loop over the fields
 * and a call per field. It gives equal bytes, values and errors; a write takes about 200 ns instead of 5
 * (bench/struct.mjs). The tests run both.
 */
import type { Memory, WritableView } from './codec.ts';
import {
  INSPECT,
  type PlacedField,
  refuseAssignment,
  refuseSpread,
  refuseUnreadable,
  type StructCode,
} from './struct-code.ts';

/** `size`: bytes of the whole struct. */
export function interpretStruct(fields: readonly PlacedField[], size: number): StructCode {
  const write = (memory: Memory, offset: number, value: object): void => {
    const values = readFields(fields, value);
    for (let i = 0; i < fields.length; i++) fields[i].codec.check(values[i], fields[i].name);
    for (let i = 0; i < fields.length; i++) fields[i].codec.store(memory, offset + fields[i].offset, values[i]);
  };

  const read = (memory: Memory, offset: number): object => {
    const value: { [name: string]: unknown } = {};
    for (const field of fields) value[field.name] = field.codec.read(memory, offset + field.offset);
    return value;
  };

  const viewOver = (over: Memory, kind: 'plain' | 'read-only' | 'writable', scratch = over): WritableView<object> => {
    let memory = over;
    let offset = 0;
    const row = refuseSpread({});
    const copyOut = { value: () => read(memory, offset), configurable: true };
    Object.defineProperty(row, 'toJSON', copyOut);
    Object.defineProperty(row, INSPECT, copyOut);
    for (const field of fields) {
      Object.defineProperty(row, field.name, {
        get: () => field.codec.read(memory, offset + field.offset),
        set: (value: unknown) => {
          if (kind === 'read-only') refuseAssignment(field.name);
          field.codec.check(value, field.name);
          field.codec.store(memory, offset + field.offset, value);
        },
        configurable: kind === 'plain',
      });
    }
    if (kind !== 'plain') Object.preventExtensions(row);
    return {
      moveTo(next) {
        memory = over;
        offset = next;
        if (kind === 'writable') memory.u8.fill(0, next, next + size);
        return row;
      },
      park() {
        memory = scratch;
        offset = 0;
      },
    };
  };

  return {
    write,
    read,
    view: (memory) => viewOver(memory, 'plain'),
    readOnlyView: (memory) => viewOver(memory, 'read-only'),
    writableView: (memory, scratch) => viewOver(memory, 'writable', scratch),
  };
}

function readFields(fields: readonly PlacedField[], value: object): unknown[] {
  try {
    return fields.map((field) => (value as { readonly [name: string]: unknown })[field.name]);
  } catch (cause) {
    return refuseUnreadable(value, cause);
  }
}
