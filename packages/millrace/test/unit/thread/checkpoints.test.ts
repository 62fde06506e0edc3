import { expect, test } from 'vitest';
import { createCheckpoints, ProcessorCheckpoint, WriterCheckpoint } from '../../../src/thread/checkpoints.ts';

const START = 7;
const LANE_START = 2 ** 31 - 8;

test('a processor goes on at its first sequence, and then at the one that was noted with the tail that is published', () => {
  const handle = createCheckpoints(2, START, LANE_START);
  expect(new ProcessorCheckpoint(handle, 1).takeOver(LANE_START | 0)).toBe(START);
  const dead = new ProcessorCheckpoint(handle, 1);
  let tail = LANE_START | 0;
  for (let sequence = START + 1; sequence < START + 9; sequence++) {
    const next = (tail + 16) | 0;
    dead.note(next, sequence);
    // It died before the lane was published, and after.
    expect(new ProcessorCheckpoint(handle, 1).takeOver(tail)).toBe(sequence - 1);
    expect(new ProcessorCheckpoint(handle, 1).takeOver(next)).toBe(sequence);
    tail = next;
  }
  expect(new ProcessorCheckpoint(handle, 0).takeOver(LANE_START | 0)).toBe(START);
});

test('a successor writes over the slot that is not in force', () => {
  const handle = createCheckpoints(1, START, 0);
  const dead = new ProcessorCheckpoint(handle, 0);
  dead.note(16, 10);
  dead.note(32, 20);
  const heir = new ProcessorCheckpoint(handle, 0);
  expect(heir.takeOver(16)).toBe(10);
  heir.note(48, 30);
  expect(new ProcessorCheckpoint(handle, 0).takeOver(16)).toBe(10);
  expect(new ProcessorCheckpoint(handle, 0).takeOver(48)).toBe(30);
});

test('a recall stands until something that answers it is published', () => {
  const handle = createCheckpoints(1, START, 0);
  const writer = new WriterCheckpoint(handle);
  expect(writer.loadRecall(0)).toBe(0);
  writer.recall(0, 1);
  const heir = new ProcessorCheckpoint(handle, 0);
  expect(heir.takeOver(0)).toBeUndefined();
  expect(new ProcessorCheckpoint(handle, 0).takeOver(0)).toBeUndefined();
  heir.note(16, START);
  expect(new ProcessorCheckpoint(handle, 0).takeOver(0)).toBeUndefined();
  expect(new ProcessorCheckpoint(handle, 0).takeOver(16)).toBe(START);
});

test('a writer goes on at the note that its destination made true', () => {
  const handle = createCheckpoints(1, START, 0);
  const take = (end: number) => new WriterCheckpoint(handle).takeOver((note) => note.destinationEnd <= end);
  expect(take(0)).toMatchObject({ sequence: START, items: 0, lane: -1, laneItems: 0 });
  const dead = new WriterCheckpoint(handle);
  dead.note(3, 8, 1, 0, 1);
  expect(take(0)).toMatchObject({ sequence: START, lane: -1 });
  expect(take(3)).toEqual({ destinationEnd: 3, sequence: 8, items: 1, lane: 0, laneItems: 1 });
  dead.note(5, 9, 0, 0, 0);
  expect(take(4)).toMatchObject({ destinationEnd: 3, sequence: 8 });
  const heir = new WriterCheckpoint(handle);
  heir.takeOver((note) => note.destinationEnd <= 4);
  // Over the note that never came true.
  heir.note(6, 10, 0, 0, 0);
  expect(take(4)).toMatchObject({ destinationEnd: 3 });
  expect(take(6)).toMatchObject({ destinationEnd: 6, sequence: 10 });
});

test.each([1, 2, 16, 17])(
  'each note of a writer has the positions of all its lanes (%d), whole or not at all',
  (lanes) => {
    const handle = createCheckpoints(lanes, START, LANE_START);
    const positions = (end: number): number[] => {
      const heir = new WriterCheckpoint(handle);
      heir.takeOver((note) => note.destinationEnd <= end);
      return Array.from({ length: lanes }, (_, i) => heir.peekLane(i));
    };
    const all = (step: number): number[] => Array.from({ length: lanes }, (_, i) => (LANE_START + 100 * step + i) | 0);
    const dead = new WriterCheckpoint(handle);
    expect(positions(0)).toEqual(Array.from({ length: lanes }, () => LANE_START | 0));
    for (let step = 1; step < 6; step++) {
      const before = positions(step);
      for (const [i, position] of all(step).entries()) {
        dead.noteLane(i, position);
        // It died in the middle of its notes.
        expect(positions(step)).toEqual(before);
      }
      dead.note(step, START + step, 0, 0, 0);
      // It died before the destination showed its end, and after.
      expect(positions(step - 1)).toEqual(before);
      expect(positions(step)).toEqual(all(step));
    }
    // Nothing of the processors' lies where lanes are noted.
    for (let i = 0; i < lanes; i++) expect(new ProcessorCheckpoint(handle, i).takeOver(LANE_START | 0)).toBe(START);
  },
);
