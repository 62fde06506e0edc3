/** Random use of a lane beside a plain model of it. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { randomFrom } from '../../src/testing/contract.ts';
import { LaneBesideModel, type LaneShape, STEPS, type Step } from './lane-model.ts';

function run(shape: LaneShape, steps: Iterable<Step>): void {
  const lane = new LaneBesideModel(shape);
  for (const step of steps) lane.do(step);
  lane.finish();
}

const word = fc.nat(2 ** 16 - 1);
const shapes: fc.Arbitrary<LaneShape> = fc.record({
  capacityBytes: fc.integer({ min: 64, max: 1024 }),
  records: fc.integer({ min: 4, max: 64 }),
  align: fc.constantFrom(1, 2, 4, 8),
  start: fc.oneof(
    fc.integer({ min: 2 ** 28 - 8, max: 2 ** 28 }).map((n) => n * 8),
    fc.integer({ min: 2 ** 29 - 8, max: 2 ** 29 }).map((n) => n * 8),
    fc.maxSafeNat().map((n) => Math.floor(n / 16) * 8),
  ),
});

describe('a lane beside a plain model of it', () => {
  test('does the same, in any order of steps', () => {
    const step = fc.record({ do: fc.constantFrom(...STEPS), a: word, b: word });
    fc.assert(fc.property(shapes, fc.array(step, { minLength: 10, maxLength: 200, size: 'max' }), run), {
      numRuns: 1_000,
    });
  });

  const SHAPES = [64, 128, 1000].flatMap((capacityBytes) =>
    [4, 8, 100].flatMap((records) =>
      [1, 2, 4, 8].flatMap((align) =>
        [0, 2 ** 31 - 64, 2 ** 32 - 64, 2 ** 40 + 2 ** 31 - 8].map((start) => ({
          capacityBytes,
          records,
          align,
          start,
        })),
      ),
    ),
  );
  test('does the same for long, of every shape', () => {
    for (const [seed, shape] of SHAPES.entries()) {
      const random = randomFrom(seed + 1);
      const steps = Array.from({ length: 3_000 }, () => ({
        do: STEPS[random(STEPS.length)]!,
        a: random(2 ** 16),
        b: random(2 ** 16),
      }));
      try {
        run(shape, steps);
      } catch (error) {
        throw new Error(`with ${JSON.stringify(shape)}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      }
    }
  });
});
