/** What the threads of the stress tests share: content by (stream, number), random numbers by seed, strategies by name. */
import { adaptive, park, spin } from 'native-free-rings';

export const strategies = {
  park: () => park(),
  spin: () => spin(),
  // As if there were a core for each: the spin and the park both get their turn.
  adaptive: () => adaptive({ threads: 2, cores: 2 }),
};

/** xorshift32: numbers from 0 to `below` - 1. */
export function randomFrom(seed) {
  let state = (seed * 2654435761) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The same for every thread: how long record `number` of `stream` is. */
export function lengthOf(stream, number, most) {
  const hash = (Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(stream + 7, 0x85ebca6b)) >>> 8;
  return hash % 32 === 0 ? most : hash % (most + 1);
}

const byteOf = (stream, number, i) => (number * 7 + (number >> 8) + stream * 89 + i * 31) & 255;

export function fill(u8, at, length, stream, number) {
  for (let i = 0; i < length; i++) u8[at + i] = byteOf(stream, number, i);
}

export function check(u8, at, length, stream, number) {
  for (let i = 0; i < length; i++) {
    if (u8[at + i] !== byteOf(stream, number, i)) {
      throw new Error(
        `record ${number} of ${stream}: byte ${i} of ${length} is ${u8[at + i]}, not ${byteOf(stream, number, i)}`,
      );
    }
  }
}

export function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what} is ${actual}, not ${expected}`);
}
