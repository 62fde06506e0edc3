import fc from 'fast-check';
import { createLane } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { createOrigins, ItemOrigins } from '../../../src/thread/item-origins.ts';

interface Origin {
  sequence: number;
  index: number;
  isLast: boolean;
}

const SLOTS = 8;

describe('where the items of a ring come from', () => {
  test('is there for the last items, as many as the ring has slots', () => {
    const sequences = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }).map(Number);
    const run = fc.record({
      sequence: sequences,
      index: fc.oneof(fc.nat(3), fc.constant(2 ** 32), fc.constant(2 ** 52 - SLOTS)),
      count: fc.integer({ min: 0, max: SLOTS }),
      isLast: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 12 }), fc.constantFrom(0, 2 ** 31 - 3, 2 ** 32 - 3), (runs, from) => {
        const handle = createOrigins(SLOTS);
        const writer = new ItemOrigins(handle);
        const reader = new ItemOrigins(handle);
        const all: Origin[] = [];
        for (const { sequence, index, count, isLast } of runs) {
          writer.note(from + all.length, count, sequence, index, isLast);
          for (let i = 0; i < count; i++) {
            all.push({ sequence, index: index + i, isLast: isLast && i === count - 1 });
          }
        }
        for (let i = Math.max(0, all.length - SLOTS); i < all.length; i++) {
          const position = from + i;
          const origin = {
            sequence: reader.sequenceOf(position),
            index: reader.indexOf(position),
            isLast: reader.isLast(position),
          };
          expect(origin).toEqual(all[i]);
        }
      }),
    );
  });

  test('is refused in memory that is something else', () => {
    const lane = createLane({ capacityBytes: 64 });
    expect(() => new ItemOrigins(lane as never)).toThrow('[WRONG_KIND]');
  });
});
