import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunkKey, positionOfKey } from '../../src/keys.ts';
import { isBefore } from '../../src/progress.ts';

const counts = fc.oneof(fc.nat(1000), fc.maxSafeNat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
const positions = fc.record({ sequence: counts, items: counts });

it('a key comes back as its position', () => {
  fc.assert(
    fc.property(positions, (position) => {
      expect(positionOfKey(chunkKey(position))).toEqual(position);
    }),
  );
});

it('keys compare as their positions do', () => {
  fc.assert(
    fc.property(positions, positions, (a, b) => {
      const order = Math.sign(Buffer.compare(chunkKey(a), chunkKey(b)));
      expect(order).toBe(isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);
    }),
  );
});
