import { createEventRing, EventRingProducer, FULL } from 'native-free-rings';
import { expect, test } from 'vitest';
import { sourceView } from '../../../src/processor/source-view.ts';

test.each([1, 2])('what was skipped is passed at one look, from wherever it begins, with %s producers', (producers) => {
  const handle = createEventRing({ capacity: 1_024, readers: 1, skips: 4, producers });
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
  expect(view.nextEvent(0, 902)).toBe(0);
  expect([1, 2, 450, 900].map((sequence) => view.nextEvent(sequence, 902))).toEqual([901, 901, 901, 901]);
  expect(view.nextEvent(901, 902)).toBe(901);
  expect(view.nextEvent(2, 450)).toBe(450);
});
