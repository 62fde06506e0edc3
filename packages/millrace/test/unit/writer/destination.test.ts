import { expect, test } from 'vitest';
import type { Progress } from '../../../src/writer/definition.ts';
import { userDestination } from '../../../src/writer/destination.ts';
import { Place } from '../../../src/writer/place.ts';

// A store that kept the writer's own place found it equal to the next one, and did not commit that.
test('a store is told its progress in objects that it may keep', async () => {
  const committed: Progress[] = [];
  const destination = userDestination({ write: () => {}, commit: (progress) => void committed.push(progress) });
  const place = new Place({ sequence: 0, items: 0, laneItems: 0 });
  for (const [sequence, items] of [
    [7, 0],
    [8, 3],
    [9, 0],
  ] as const) {
    place.moveTo(sequence, items);
    await destination.flush(place);
  }
  expect(committed).toEqual([
    { sequence: 7, items: 0 },
    { sequence: 8, items: 3 },
    { sequence: 9, items: 0 },
  ]);
});
