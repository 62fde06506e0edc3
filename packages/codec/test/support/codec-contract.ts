import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Codec,
  CodecError,
  type CodecErrorCode,
  codecFromSchema,
  type FixedCodec,
  type VariableCodec,
} from '../../src/index.ts';
import { expectUntouchedOutside, FILL, sharedMemory } from './memory.ts';

export interface ContractSetup<T> {
  readonly codec: Codec<T>;
  /** Values that the codec must give back equal. */
  readonly values: fc.Arbitrary<T>;
  /** Values that it must refuse, and with which code. */
  readonly refused: readonly (readonly [value: unknown, code: CodecErrorCode])[];
  /** What a value reads back as, where that is not itself: -0 in an integer, the nearest float. */
  readonly normalised?: (value: T) => T;
}

/** What every codec of this package promises, whatever it encodes. */
export function codecContract<T>(
  name: string,
  { codec, values, refused, normalised = (value) => value }: ContractSetup<T>,
): void {
  describe(`${name}: codec contract`, () => {
    if (codec.kind === 'fixed') fixedContract(codec, values, normalised);
    else variableContract(codec, values, normalised);

    it('its schema survives JSON and builds an equal codec', () => {
      const twin = codecFromSchema(JSON.parse(JSON.stringify(codec.schema)));
      expect(twin.schema).toEqual(codec.schema);
      fc.assert(
        fc.property(values, (value) => {
          deepStrictEqual(encode(twin, value), encode(codec as Codec<unknown>, value));
        }),
        { numRuns: 30 },
      );
    });

    it.each(refused.map(([value, code], i) => ({ i, value, code })))(
      'refuses bad value $i with $code and writes nothing',
      ({ value, code }) => {
        const memory = sharedMemory(1024);
        const error = refusal(() =>
          codec.kind === 'fixed' ? codec.write(memory, 8, value as T) : codec.write(memory, 8, 1000, value as T),
        );
        expect(error.code).toBe(code);
        expect(error.message.startsWith(`[${code}] `)).toBe(true);
        expect(error.message.length).toBeLessThan(600);
        expectUntouchedOutside(memory, 0, 0);
      },
    );
  });
}

/** The error that the call throws; fails if it throws none, or another kind. */
export function refusal(call: () => unknown): CodecError {
  try {
    call();
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function encode(codec: Codec<unknown>, value: unknown): Uint8Array {
  const memory = sharedMemory(codec.kind === 'fixed' ? codec.size * 8 : 65_536);
  if (codec.kind === 'fixed') codec.write(memory, 0, value);
  else expect(codec.write(memory, 0, memory.byteLength, value)).toBeGreaterThanOrEqual(0);
  return memory.u8.slice();
}

function fixedContract<T>(codec: FixedCodec<T>, values: fc.Arbitrary<T>, normalised: (value: T) => T): void {
  it('has a stride that keeps every element of an array aligned', () => {
    expect(codec.size).toBeGreaterThan(0);
    expect(codec.size % codec.align).toBe(0);
  });

  it('gives back what was written, in place and as a copy, and touches no other byte', () => {
    const slots = 4;
    fc.assert(
      fc.property(values, values, fc.nat(slots - 1), fc.nat(7), (value, other, slot, shift) => {
        const memory = sharedMemory((slots + 2) * codec.size * 8);
        const offset = slot * codec.size + shift * codec.align;
        codec.write(memory, offset, value);
        expectUntouchedOutside(memory, offset, offset + codec.size);
        const copy = codec.read(memory, offset);
        deepStrictEqual(copy, normalised(value));
        deepStrictEqual(plain(codec.view(memory).moveTo(offset), copy), normalised(value));
        codec.write(memory, offset, other);
        deepStrictEqual(copy, normalised(value), 'a value that was read must not change with the memory');
      }),
    );
  });

  it('moves one view from value to value', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const memory = sharedMemory(codec.size * 8);
        codec.write(memory, 0, first);
        codec.write(memory, codec.size, second);
        const view = codec.view(memory);
        deepStrictEqual(plain(view.moveTo(0), codec.read(memory, 0)), normalised(first));
        deepStrictEqual(plain(view.moveTo(codec.size), codec.read(memory, codec.size)), normalised(second));
      }),
      { numRuns: 30 },
    );
  });
}

/** Reads a view property by property, by the names which a copy has. */
function plain<T>(view: T, copy: T): T {
  if (typeof view !== 'object' || view === null) return view;
  return Object.fromEntries(
    Object.keys(copy as object).map((key) => [key, (view as { [key: string]: unknown })[key]]),
  ) as T;
}

function variableContract<T>(codec: VariableCodec<T>, values: fc.Arbitrary<T>, normalised: (value: T) => T): void {
  it('gives back what was written, at any offset, in exactly the room it asked for', () => {
    fc.assert(
      fc.property(values, fc.nat(9), (value, offset) => {
        const needed = -codec.write(sharedMemory(8), 0, -1, value);
        const memory = sharedMemory((offset + needed + 64) & -8);
        expect(codec.write(memory, offset, needed, value)).toBe(needed);
        expectUntouchedOutside(memory, offset, offset + needed);
        const copy = codec.read(memory, offset, needed);
        deepStrictEqual(copy, normalised(value));
        memory.u8.fill(FILL);
        deepStrictEqual(copy, normalised(value), 'a value that was read must not change with the memory');
      }),
    );
  });

  it('says how much it needs when the room is a byte short, and touches nothing outside it', () => {
    fc.assert(
      fc.property(values, (value) => {
        const needed = -codec.write(sharedMemory(8), 0, -1, value);
        fc.pre(needed > 0);
        const memory = sharedMemory((needed + 64) & -8);
        expect(codec.write(memory, 8, needed - 1, value)).toBe(-needed);
        expectUntouchedOutside(memory, 8, 8 + needed - 1);
      }),
      { numRuns: 50 },
    );
  });
}
