import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BytesInput, bytes } from '../../src/index.ts';
import { codecContract, refusal } from '../support/codec-contract.ts';
import { expectUntouchedOutside, sharedMemory } from '../support/memory.ts';

const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const lying = new (class extends Uint8Array {
  override get byteOffset(): number {
    throw new Error('no');
  }
})(0);

codecContract<Uint8Array>('bytes', {
  codec: bytes({ maxBytes: 1000 }),
  values: fc.uint8Array({ maxLength: 1000 }),
  refused: [
    [new Uint8Array(1001), 'TOO_LARGE'],
    [new ArrayBuffer(1001), 'TOO_LARGE'],
    [new Float64Array(126), 'TOO_LARGE'],
    ['text', 'WRONG_TYPE'],
    [[1, 2], 'WRONG_TYPE'],
    [null, 'WRONG_TYPE'],
    [undefined, 'WRONG_TYPE'],
    [5, 'WRONG_TYPE'],
    [{ length: 2, 0: 1, 1: 2 }, 'WRONG_TYPE'],
    [new Proxy(new Uint8Array(2), {}), 'WRONG_TYPE'],
    [{ [Symbol.toStringTag]: 'ArrayBuffer' }, 'WRONG_TYPE'],
    [detached, 'UNREADABLE_VALUE'],
    [detached.buffer, 'UNREADABLE_VALUE'],
    [lying, 'UNREADABLE_VALUE'],
  ],
});

describe('bytes', () => {
  const source = Uint8Array.from({ length: 16 }, (_, i) => i);
  const shared = new Uint8Array(new SharedArrayBuffer(16));
  shared.set(source);
  const inputs: { name: string; input: BytesInput; expected: number[] }[] = [
    { name: 'Buffer', input: Buffer.from([1, 2]), expected: [1, 2] },
    { name: 'a part of a buffer', input: source.subarray(3, 5), expected: [3, 4] },
    { name: 'Uint16Array', input: new Uint16Array(source.buffer, 2, 1), expected: [2, 3] },
    { name: 'DataView', input: new DataView(source.buffer, 1, 2), expected: [1, 2] },
    { name: 'ArrayBuffer', input: source.slice(0, 2).buffer, expected: [0, 1] },
    { name: 'SharedArrayBuffer', input: shared.buffer, expected: [...source] },
    { name: 'view of a SharedArrayBuffer', input: shared.subarray(1, 2), expected: [1] },
    { name: 'empty', input: new Uint8Array(0), expected: [] },
  ];

  it.each(inputs)('takes $name', ({ input, expected }) => {
    const memory = sharedMemory(64);
    const codec = bytes();
    const used = codec.write(memory, 3, 61, input);
    expect([...codec.read(memory, 3, used)]).toEqual(expected);
  });

  it('reads into memory that is not shared', () => {
    const read = bytes().read(sharedMemory(64), 0, 8);
    expect(read.buffer).toBeInstanceOf(ArrayBuffer);
    expect(read.constructor).toBe(Uint8Array);
  });

  it('copies inside the ring even when source and place overlap', () => {
    const memory = sharedMemory(64);
    memory.u8.set(source, 0);
    bytes().write(memory, 4, 60, memory.u8.subarray(0, 16));
    expect([...memory.u8.subarray(4, 20)]).toEqual([...source]);
  });

  it.each([{ maxBytes: 0 }, { maxBytes: 2 ** 31 }, { max: 5 }, null, 5])('refuses the options %j', (options) => {
    expect(refusal(() => bytes(options as { maxBytes: number })).code).toBe('BAD_SCHEMA');
  });

  it('copies as many bytes as there are, whatever a property `length` says', () => {
    class Lying extends Uint8Array {
      override get length(): number {
        return 1;
      }
    }
    const memory = sharedMemory(64);
    expect(bytes().write(memory, 0, 4, new Lying(10))).toBe(-10);
    expectUntouchedOutside(memory, 0, 0);
    expect(bytes().write(memory, 0, 16, new Lying(10))).toBe(10);
    expectUntouchedOutside(memory, 0, 10);
  });
});
