/**
 * What the contract suites share. A suite is an array of named cases and knows no test runner:
 *
 *   for (const { name, run } of laneContract(setup)) test(name, run);
 */
import { AssertionError, strict as assert } from 'node:assert';
import type { RingErrorCode } from '../errors.ts';

export interface ContractCase {
  readonly name: string;
  run(): void | Promise<void>;
}

/** Memory that a record is written to and read from. */
export interface Bytes {
  readonly u8: Uint8Array;
}

/** Starts at which a cursor of 32 bits changes its sign or wraps after a few records. Multiples of 8. */
export const STARTS: readonly number[] = [0, 2 ** 31 - 40, 2 ** 32 - 40];

/** Runs a check with every configuration, one after the other; a failure says with which. */
export function forEach<C>(
  name: string,
  configurations: readonly C[],
  check: (configuration: C) => void | Promise<void>,
): ContractCase {
  return {
    name,
    async run() {
      for (const configuration of configurations) {
        try {
          await check(configuration);
        } catch (error) {
          const text = error instanceof Error ? error.message : String(error);
          throw new AssertionError({ message: `with ${JSON.stringify(configuration)}: ${text}` });
        }
      }
    },
  };
}

/** Byte `i` of the record that `seed` stands for: no two seeds near each other agree. */
const byteOf = (seed: number, i: number): number => (Math.imul(seed + 1, 0x9e3779b1) >>> 13) + i * 131;

export function fill({ u8 }: Bytes, offset: number, length: number, seed: number): void {
  for (let i = 0; i < length; i++) u8[offset + i] = byteOf(seed, i);
}

export function expectFilled({ u8 }: Bytes, offset: number, length: number, seed: number): void {
  for (let i = 0; i < length; i++) {
    const wanted = byteOf(seed, i) & 255;
    if (u8[offset + i] !== wanted) {
      assert.fail(`byte ${i} of the ${length} bytes of record ${seed} is ${u8[offset + i]}, not ${wanted}`);
    }
  }
}

export function expectCode(code: RingErrorCode, call: () => unknown): void {
  assert.throws(call, (error: { code?: unknown; message?: unknown }) => {
    assert.equal(error.code, code);
    assert.match(String(error.message), new RegExp(`^\\[${code}\\] `));
    return true;
  });
}

/** Numbers from 0 to `below` - 1, the same for the same seed (xorshift32). */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
