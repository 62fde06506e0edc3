/** What is of rings with several producers alone: claims of producers that have died, and a part of the data for each. */
import {
  createEventRing,
  EventRingProducer,
  EventRingReader,
  FULL,
  freePlace,
  loadClaimant,
  mostDataBytes,
  openEventRing,
  takenPlaces,
} from 'native-free-rings';
import { describe, expect, test } from 'vitest';

const placeOf = (owner: number, index: number) => ({ role: 'producer', index, owner, task: 0 }) as const;

describe('a producer that has died', () => {
  const open = () => {
    const handle = createEventRing({ capacity: 8, slotBytes: 4, producers: 2, readers: 1 });
    const dead = new EventRingProducer(handle, { owner: 7 });
    const living = new EventRingProducer(handle, { owner: 8 });
    return { handle, dead, living, reader: new EventRingReader(handle) };
  };

  test('leaves void what it had claimed, once its place is freed; what others have open is theirs', () => {
    const { handle, dead, living, reader } = open();
    expect(dead.tryClaim()).toBe(0);
    dead.commit();
    expect(dead.tryClaim(3)).toBe(1);
    expect(living.tryClaim()).toBe(4);
    living.commit();
    expect(living.publish()).toBe(1);
    expect(living.tryClaim(2)).toBe(5);
    expect(reader.loadEnd()).toBe(1);
    freePlace(handle, placeOf(9, 0));
    expect(reader.loadEnd()).toBe(1);
    freePlace(handle, placeOf(7, 0));
    expect(reader.loadEnd()).toBe(5);
    expect([0, 1, 2, 3, 4].map((sequence) => reader.records.isVoid(sequence))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(takenPlaces(handle).filter(({ role }) => role === 'producer')).toEqual([placeOf(8, 1)]);
    // Long after that, others' claims are looked at in the same way.
    const heir = new EventRingProducer(handle);
    expect(heir.tryClaim()).toBe(7);
    heir.commit();
    expect(heir.publish()).toBe(0);
    expect(reader.loadEnd()).toBe(5);
    living.commit();
    expect(living.publish()).toBe(3);
  });

  test('and had nothing open leaves nothing', () => {
    const { handle, dead, living, reader } = open();
    expect(dead.tryClaim()).toBe(0);
    dead.commit();
    freePlace(handle, placeOf(7, 0));
    expect(reader.loadEnd()).toBe(1);
    expect(reader.records.isVoid(0)).toBe(false);
    expect(living.tryClaim()).toBe(1);
    expect(new EventRingProducer(handle).publish()).toBe(0);
  });
});

test('a place tells its own thread alone, whoever had it before, and its handle has to be one', async () => {
  const handle = createEventRing({ capacity: 8, producers: 2, readers: 1 });
  const taskOf = (role: string) => takenPlaces(handle).find((place) => place.role === role)?.task;
  for (const end of ['detach', 'free']) {
    const ring = new EventRingProducer(handle, { owner: 7, task: 70 });
    const reader = new EventRingReader(handle, { owner: 7, task: 70 });
    expect([taskOf('producer'), taskOf('reader')]).toEqual([70, 70]);
    if (end === 'detach') {
      ring.detach();
      reader.detach();
    } else for (const place of takenPlaces(handle)) freePlace(handle, place);
    const next = [new EventRingProducer(handle, { owner: 8 }), new EventRingReader(handle, { owner: 8 })];
    expect([taskOf('producer'), taskOf('reader')]).toEqual([0, 0]);
    for (const each of next) each.detach();
  }
  for (const owner of [-1, 2 ** 28, 1.5, Number.NaN]) {
    expect(() => new EventRingProducer(handle, { owner })).toThrow('BAD_OPTION');
    expect(() => new EventRingReader(handle, { owner })).toThrow('BAD_OPTION');
  }
  expect(() => freePlace(handle, { ...placeOf(7, 0), role: 'writer' as never })).toThrow('BAD_OPTION');
  expect(() => freePlace(handle, placeOf(7, 2))).toThrow('BAD_OPTION');
});

test('a wait of a handle that is detached ends, and the next one in the place is woken', async () => {
  const handle = createEventRing({ capacity: 2, producers: 2, readers: 1 });
  const ring = new EventRingProducer(handle);
  const reader = new EventRingReader(handle);
  ring.tryClaim(2);
  ring.commit();
  const waiting = ring.waitForRoomAsync();
  ring.detach();
  await waiting;
  const next = new EventRingProducer(handle);
  const room = next.waitForRoomAsync();
  reader.loadEnd();
  reader.release(2);
  await room;
  const reading = reader.waitForAsync(2);
  reader.detach();
  await reading;
  const other = new EventRingReader(handle);
  other.release(2);
  const records = other.waitForAsync(2);
  next.tryClaim();
  next.commit();
  next.publish();
  await records;
  expect(() => next.tryClaim(1.5)).toThrow('TOO_LARGE');
});

test('whoever keeps a claim open for which others wait is known, and nobody else', () => {
  const handle = createEventRing({ capacity: 8, producers: 3, readers: 1 });
  const [one, other] = [7, 8].map((owner) => new EventRingProducer(handle, { owner })) as [
    EventRingProducer,
    EventRingProducer,
  ];
  expect(loadClaimant(handle)).toBe(0);
  one.tryClaim(2);
  expect(loadClaimant(handle)).toBe(0);
  other.tryClaim();
  expect(loadClaimant(handle)).toBe(7);
  other.commit();
  other.publish();
  expect(loadClaimant(handle)).toBe(7);
  one.commit();
  one.publish();
  expect(loadClaimant(handle)).toBe(0);
  // The end of a closed ring waits for the last one, too.
  one.tryClaim();
  expect(loadClaimant(handle)).toBe(0);
  other.close();
  expect(loadClaimant(handle)).toBe(7);
  expect(loadClaimant(createEventRing({ capacity: 8 }))).toBe(0);
});

describe('records of varying length of several producers', () => {
  const put = (ring: EventRingProducer, bytes: number, fill: number): number => {
    const sequence = ring.tryClaimBytes(bytes);
    if (sequence === FULL) return FULL;
    ring.memory.u8.fill(fill, ring.claimOffset, ring.claimOffset + bytes);
    ring.commit(bytes);
    ring.publish();
    return sequence;
  };

  test('lie in parts of their own: one that is full keeps nobody else', () => {
    const handle = createEventRing({ capacity: 256, dataBytes: 1_024, producers: 3, readers: 1 });
    expect(openEventRing(handle).totalDataBytes).toBe(4_096);
    const rings = [0, 1, 2].map(() => new EventRingProducer(handle));
    const reader = new EventRingReader(handle);
    const filled = new Map<number, number>();
    // More records than the queue of a part begins with.
    for (const [i, ring] of rings.entries()) {
      let count = 0;
      for (let s = put(ring, 8, i + 1); s !== FULL; s = put(ring, 8, i + 1)) {
        filled.set(s, i + 1);
        count++;
      }
      expect(count).toBe(i < 2 ? 128 : 0);
    }
    reader.loadEnd();
    for (const [s, fill] of filled) expect(reader.memory.u8[reader.records.offsetOf(s)]).toBe(fill);
    reader.release(150);
    // By what is released of its own.
    expect(put(rings[1]!, 8 * 22, 9)).toBe(256);
    expect(put(rings[1]!, 8, 9)).toBe(FULL);
    expect(put(rings[2]!, 512, 9)).toBe(257);
    expect(put(rings[0]!, 512, 9)).toBe(258);
    reader.loadEnd();
    expect(reader.memory.u8[reader.records.offsetOf(200)]).toBe(2);
  });

  test('a producer in a used place has room once what was claimed before it came is released', () => {
    const handle = createEventRing({ capacity: 16, dataBytes: 64, producers: 2, readers: 1 });
    const first = new EventRingProducer(handle);
    const other = new EventRingProducer(handle);
    const reader = new EventRingReader(handle);
    expect(put(first, 16, 1)).toBe(0);
    expect(put(other, 16, 2)).toBe(1);
    first.detach();
    const next = new EventRingProducer(handle);
    expect(put(next, 16, 3)).toBe(FULL);
    reader.loadEnd();
    reader.release(1);
    expect(put(next, 16, 3)).toBe(FULL);
    expect(put(other, 16, 2)).toBe(2);
    reader.loadEnd();
    reader.release(2);
    expect(put(next, 16, 3)).toBe(3);
    expect(put(next, 32, 3)).toBe(4);
    expect(put(next, 16, 3)).toBe(5);
    expect(put(next, 8, 3)).toBe(FULL);
  });

  test('more than a ring holds is refused', () => {
    expect(mostDataBytes(3)).toBe(2 ** 28);
    expect(() => createEventRing({ capacity: 1, dataBytes: 2 ** 29, producers: 3 })).toThrow(
      'give fewer bytes or producers',
    );
  });
});
