import { createEventRing, EventRingProducer, FULL } from 'native-free-rings';
import { expect, test } from 'vitest';
import { sourceView } from '../../../src/processor/source-view.ts';

// Fails with: voidEnd gives the next sequence, whatever was skipped by one call.
test('what was skipped by one call is passed at one look, from wherever it begins', () => {
  const handle = createEventRing({ capacity: 1_024, readers: 1, skips: 4 });
  const ring = new EventRingProducer(handle);
  const publish = (): void => {
    expect(ring.tryClaim()).not.toBe(FULL);
    ring.commit();
  };
  publish();
  expect(ring.trySkip(900)).not.toBe(FULL);
  publish();
  ring.publish();
  const view = sourceView(handle, undefined);
  expect(view.mayBeVoid).toBe(true);
  expect(view.voidEnd(0)).toBe(0);
  expect([1, 2, 450, 900].map((sequence) => view.voidEnd(sequence))).toEqual([901, 901, 901, 901]);
  expect(view.voidEnd(901)).toBe(901);
});
