import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bool,
  type CodecErrorCode,
  type FieldCodec,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  safeInt,
  u8,
  u16,
  u32,
  u64,
} from '../../src/index.ts';
import { codecContract, refusal } from '../support/codec-contract.ts';
import { sharedMemory } from '../support/memory.ts';

const NOT_NUMBERS: readonly (readonly [unknown, CodecErrorCode])[] = [
  ['5', 'WRONG_TYPE'],
  [5n, 'WRONG_TYPE'],
  [null, 'WRONG_TYPE'],
  [undefined, 'WRONG_TYPE'],
  [true, 'WRONG_TYPE'],
  [[5], 'WRONG_TYPE'],
  [{ valueOf: () => 5 }, 'WRONG_TYPE'],
  [new Date(5), 'WRONG_TYPE'],
  [Symbol('5'), 'WRONG_TYPE'],
  [Object(5), 'WRONG_TYPE'],
];

function integerContract(name: string, codec: FieldCodec<number>, min: number, max: number): void {
  const values = fc.oneof(fc.constantFrom(min, max, min + 1, max - 1, 0, -0), fc.integer({ min, max }));
  const outside = [
    min - 1,
    max + 1,
    1.5,
    NaN,
    Infinity,
    -Infinity,
    Number.MIN_VALUE,
    2 ** 53,
    -(2 ** 53),
    2 ** 64,
    1e300,
  ];
  codecContract(name, {
    codec,
    values,
    normalised: (value) => value + 0, // -0 is stored as 0
    refused: [...outside.map((value) => [value, 'OUT_OF_RANGE'] as const), ...NOT_NUMBERS],
  });
}

integerContract('u8', u8, 0, 255);
integerContract('u16', u16, 0, 65_535);
integerContract('u32', u32, 0, 4_294_967_295);
integerContract('i8', i8, -128, 127);
integerContract('i16', i16, -32_768, 32_767);
integerContract('i32', i32, -2_147_483_648, 2_147_483_647);

codecContract('safeInt', {
  codec: safeInt,
  values: fc.oneof(
    fc.constantFrom(0, -0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32 - 1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    fc.maxSafeInteger(),
  ),
  normalised: (value) => value + 0,
  refused: [
    ...[2 ** 53, -(2 ** 53), 1.5, NaN, Infinity, -Infinity].map((value) => [value, 'OUT_OF_RANGE'] as const),
    ...NOT_NUMBERS,
  ],
});

codecContract('f64', {
  codec: f64,
  values: fc.oneof(fc.double(), fc.constantFrom(-0, NaN, Infinity, -Infinity)),
  refused: NOT_NUMBERS,
});

codecContract('f32', {
  codec: f32,
  values: fc.oneof(fc.float(), fc.constantFrom(0.1, -0, NaN, Infinity, -Infinity, 3.4028234663852886e38, 1e-300)),
  normalised: Math.fround,
  refused: [[3.5e38, 'OUT_OF_RANGE'], [-1e300, 'OUT_OF_RANGE'], ...NOT_NUMBERS],
});

codecContract('bool', {
  codec: bool,
  values: fc.boolean(),
  refused: [
    [0, 'WRONG_TYPE'],
    [1, 'WRONG_TYPE'],
    ['true', 'WRONG_TYPE'],
    [null, 'WRONG_TYPE'],
    [undefined, 'WRONG_TYPE'],
  ],
});

const NOT_BIGINTS: readonly (readonly [unknown, CodecErrorCode])[] = [
  [1, 'WRONG_TYPE'],
  ['1', 'WRONG_TYPE'],
  [null, 'WRONG_TYPE'],
  [undefined, 'WRONG_TYPE'],
];
codecContract('i64', {
  codec: i64,
  values: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
  ),
  refused: [
    [2n ** 63n, 'OUT_OF_RANGE'],
    [-(2n ** 63n) - 1n, 'OUT_OF_RANGE'],
    [2n ** 100_000n, 'OUT_OF_RANGE'],
    ...NOT_BIGINTS,
  ],
});
codecContract('u64', {
  codec: u64,
  values: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 64n - 1n)),
  refused: [[2n ** 64n, 'OUT_OF_RANGE'], [-1n, 'OUT_OF_RANGE'], ...NOT_BIGINTS],
});

describe('scalars', () => {
  it('writes a safeInt as the bytes of the same i64', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const memory = sharedMemory(16);
        safeInt.write(memory, 8, value);
        expect(i64.read(memory, 8)).toBe(BigInt(value));
      }),
    );
  });

  it('says in the message what was given, what fits and what to do', () => {
    const { message } = refusal(() => u8.write(sharedMemory(8), 0, 300));
    expect(message).toBe(
      '[OUT_OF_RANGE] 300 does not fit u8, which holds integers from 0 to 255: round or clamp it, or use u16',
    );
  });

  it('reads every byte but 0 as true', () => {
    const memory = sharedMemory(8);
    expect(bool.read(memory, 0)).toBe(true);
    expect(bool.view(memory).moveTo(0)).toBe(true);
  });
});
