import {
  createEventRing,
  createHandle,
  createLane,
  defineKind,
  type EventRingHandle,
  type EventRingOptions,
  EventRingProducer,
  EventRingReader,
  type Handle,
  LaneConsumer,
  type LaneHandle,
  LaneProducer,
  RingError,
  wakeRing,
} from 'native-free-rings';
import { describe, expect, test } from 'vitest';

type Opener = (handle: Handle) => unknown;
const LANE: [string, () => Handle, Opener][] = [
  ['a lane producer', () => createLane({ capacityBytes: 256 }), (handle) => new LaneProducer(handle as LaneHandle)],
  ['a lane consumer', () => createLane({ capacityBytes: 256 }), (handle) => new LaneConsumer(handle as LaneHandle)],
];
const RING: [string, () => Handle, Opener][] = [1, 3].flatMap((producers) => {
  const create = () => createEventRing({ capacity: 8, slotBytes: 16, producers });
  return [
    ['a ring producer', create, (handle) => new EventRingProducer(handle as EventRingHandle)],
    ['a ring reader', create, (handle) => new EventRingReader(handle as EventRingHandle)],
    ['wakeRing', create, (handle) => wakeRing(handle as EventRingHandle)],
  ] as [string, () => Handle, Opener][];
});

/** The same bytes in a buffer of another size. */
function resized(handle: Handle, bytes: number): Handle {
  const buffer = new SharedArrayBuffer(bytes);
  const source = new Uint8Array(handle.buffer).subarray(0, bytes);
  new Uint8Array(buffer).set(source);
  return { kind: handle.kind, buffer };
}

function damaged(handle: Handle, word: number, value: number): Handle {
  new Int32Array(handle.buffer)[word] = value;
  return handle;
}

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(RingError);
    expect((error as RingError).message).toContain(`[${(error as RingError).code}] `);
    return (error as RingError).code;
  }
  return 'accepted';
}

describe.each([...LANE, ...RING])('%s refuses', (_, create, open) => {
  test('what is no handle', () => {
    for (const handle of [undefined, null, {}, 5, { buffer: new ArrayBuffer(4096) }, { kind: 'lane' }]) {
      expect(codeOf(() => open(handle as unknown as Handle))).toBe('FOREIGN_BUFFER');
    }
  });

  test('a buffer from somewhere else', () => {
    for (const bytes of [0, 1, 127, 128, 4096]) {
      expect(codeOf(() => open({ kind: 'lane', buffer: new SharedArrayBuffer(bytes) }))).toBe('FOREIGN_BUFFER');
    }
    const noise = new SharedArrayBuffer(4096);
    new Uint8Array(noise).fill(0xa5);
    expect(codeOf(() => open({ kind: 'lane', buffer: noise }))).toBe('FOREIGN_BUFFER');
  });

  test('a wrong magic number, layout version, kind or size', () => {
    expect(codeOf(() => open(damaged(create(), 0, 0x3152464f)))).toBe('FOREIGN_BUFFER');
    expect(codeOf(() => open(damaged(create(), 1, 99)))).toBe('WRONG_KIND');
    expect(codeOf(() => open(damaged(create(), 2, 99)))).toBe('WRONG_VERSION');
    expect(codeOf(() => open(damaged(create(), 3, 64)))).toBe('WRONG_SIZE');
    expect(codeOf(() => open(createHandle(defineKind('test.other'), 4096, [])))).toBe('WRONG_KIND');
  });

  test('a buffer that was cut, anywhere, or that grew', () => {
    const whole = create().buffer.byteLength;
    for (const bytes of [128, 129, 130, 131, 132, whole - 8, whole - 1, whole + 1, whole + 128]) {
      expect(codeOf(() => open(resized(create(), bytes)))).toBe('WRONG_SIZE');
    }
    expect(codeOf(() => open(resized(create(), 64)))).toBe('FOREIGN_BUFFER');
  });

  test('parameters which do not add up to the size', () => {
    expect(codeOf(() => open(damaged(create(), 4, 4096)))).toBe('WRONG_SIZE');
    expect(codeOf(() => open(damaged(create(), 5, 4096)))).toBe('WRONG_SIZE');
  });

  test('nothing that is whole', () => {
    expect(codeOf(() => open(create()))).toBe('accepted');
  });
});

describe('options are refused with the value, the limit and what to give', () => {
  test.each([
    [{ capacityBytes: 63 }, /capacityBytes is 63; give an integer from 64 to 1073741824/],
    [{ capacityBytes: 2 ** 30 + 1 }, /capacityBytes is 1073741825; give an integer from 64 to 1073741824/],
    [{ capacityBytes: 100.5 }, /capacityBytes is 100.5; give an integer/],
    [{ capacityBytes: Number.NaN }, /capacityBytes is NaN/],
    [{ capacityBytes: '4096' }, /capacityBytes is 4096; give an integer/],
    [{}, /capacityBytes is undefined; give an integer/],
    [{ capacityBytes: 64, start: 12 }, /start \/ 8 is 1.5; give an integer from 0 to/],
    [{ capacityBytes: 64, start: -8 }, /start \/ 8 is -1/],
    [{ capacityBytes: 64, records: 3 }, /records is 3; give an integer from 4 to 16777216/],
    [{ capacityBytes: 64, records: 2 ** 24 + 1 }, /records is 16777217; give an integer from 4 to 16777216/],
    [{ capacityBytes: 64, records: 4.5 }, /records is 4.5; give an integer/],
    [{ capacityBytes: 64, records: null }, /records is null; give an integer/],
    [{ capacityBytes: 64, align: 0 }, /align is 0; give 1, 2, 4 or 8/],
    [{ capacityBytes: 64, align: 3 }, /align is 3; give 1, 2, 4 or 8/],
    [{ capacityBytes: 64, align: 16 }, /align is 16; give 1, 2, 4 or 8/],
    [{ capacityBytes: 64, align: '8' }, /align is 8; give 1, 2, 4 or 8/],
  ])('createLane(%j)', (options, message) => {
    expect(() => createLane(options as { capacityBytes: number })).toThrow(message);
    expect(codeOf(() => createLane(options as { capacityBytes: number }))).toBe('BAD_OPTION');
  });

  test.each([
    [{ capacity: 0 }, /capacity is 0; give an integer from 1 to 16777216/],
    [{ capacity: 2 ** 24 + 1 }, /capacity is 16777217; give an integer from 1 to 16777216/],
    [{ capacity: 8, slotBytes: -1 }, /slotBytes is -1; give an integer from 0 to 65536/],
    [{ capacity: 8, slotBytes: 65_537 }, /slotBytes is 65537; give an integer from 0 to 65536/],
    [{ capacity: 8, dataBytes: 2 ** 30 + 1 }, /dataBytes is 1073741825; give an integer from 0 to 1073741824/],
    [{ capacity: 8, slotBytes: 8, dataBytes: 64 }, /give slotBytes .* or dataBytes .*, not both/],
    [{ capacity: 8, readers: 0 }, /readers is 0; give an integer from 1 to 256/],
    [{ capacity: 8, producers: 257 }, /producers is 257; give an integer from 1 to 256/],
    [{ capacity: 8, start: 0.5 }, /start is 0.5; give an integer from 0 to/],
    [{ capacity: 2 ** 24, slotBytes: 256 }, /is 4294967296 bytes; a ring holds 1073741824 at most: give fewer/],
    [{ capacity: 2 ** 16, slotBytes: 32_768 }, /is 2147483648 bytes; a ring holds/],
  ])('createEventRing(%j)', (options, message) => {
    expect(() => createEventRing(options as EventRingOptions)).toThrow(message);
    expect(codeOf(() => createEventRing(options as EventRingOptions))).toBe('BAD_OPTION');
  });
});

describe('a lane of the largest size', () => {
  test('commits what a claim of it takes', () => {
    const handle = createLane({ capacityBytes: 2 ** 30, records: 4 });
    const producer = new LaneProducer(handle);
    const consumer = new LaneConsumer(handle);
    expect(producer.tryClaim(0)).toBe(0);
    const bytes = producer.claimEnd;
    expect(bytes).toBeGreaterThanOrEqual(2 ** 29);
    producer.commit(bytes, 1, 2, 3);
    producer.publish();
    expect(consumer.next()).toBe(true);
    expect([consumer.length, consumer.sequence, consumer.count, consumer.flags]).toEqual([bytes, 1, 2, 3]);
    expect(producer.tryClaim(2 ** 29)).toBe(-1);
    consumer.release();
    expect(producer.tryClaim(2 ** 29)).toBe(0);
  });
});

describe('a role that is taken', () => {
  test('is refused to a second lane producer and consumer, unless it takes over', () => {
    const handle = createLane({ capacityBytes: 64 });
    new LaneProducer(handle);
    new LaneConsumer(handle);
    expect(() => new LaneProducer(handle)).toThrow(/\[ALREADY_ATTACHED\] there is a producer .*; pass takeOver only/);
    expect(() => new LaneConsumer(handle)).toThrow(/\[ALREADY_ATTACHED\] there is a consumer .*; pass takeOver only/);
    new LaneProducer(handle, { takeOver: true });
    new LaneConsumer(handle, { takeOver: true });
  });

  test('is refused to one ring producer and one reader too many', () => {
    const handle = createEventRing({ capacity: 4, readers: 2, producers: 2 });
    const producers = [new EventRingProducer(handle), new EventRingProducer(handle)];
    const readers = [new EventRingReader(handle), new EventRingReader(handle)];
    expect(() => new EventRingProducer(handle)).toThrow(/\[NO_SLOT_LEFT\] all 2 producer places/);
    expect(() => new EventRingReader(handle)).toThrow(/\[NO_SLOT_LEFT\] all 2 reader places/);
    for (const one of [...producers, ...readers]) one.detach();
    new EventRingProducer(handle);
    new EventRingReader(handle);
  });

  test('of a single ring producer may be taken over, from the last record it published', () => {
    const handle = createEventRing({ capacity: 4, dataBytes: 64 });
    const dead = new EventRingProducer(handle);
    for (const _ of [0, 1]) {
      dead.tryClaimBytes(4);
      dead.commit(4);
    }
    dead.publish();
    dead.tryClaimBytes(4);
    dead.commit(4);
    dead.tryClaimBytes(4);
    expect(() => new EventRingProducer(handle)).toThrow('NO_SLOT_LEFT');
    const heir = new EventRingProducer(handle, { takeOver: true });
    expect(heir.tryClaimBytes(4)).toBe(2);
    expect(heir.claimOffset).toBe(16);
  });
});

test('waits that could not end are refused', async () => {
  const ring = new EventRingProducer(createEventRing({ capacity: 4, dataBytes: 64 }));
  await expect(ring.waitForRoomAsync(2)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  await expect(ring.waitForRoomAsync(1, 33)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  for (const least of [
    { records: 5, bytes: 0 },
    { records: 4, bytes: 65 },
  ]) {
    const waiting = ring.waitForRoomAsync(1, 0, () => true, least);
    await expect(waiting).rejects.toMatchObject({ code: 'TOO_LARGE' });
  }
  expect(await ring.waitForRoomAsync(1, 0, () => false, { records: 4, bytes: 64 })).toBe(0);
  ring.tryClaimBytes(1);
  await expect(ring.waitForRoomAsync(1)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' });
  const lane = new LaneProducer(createLane({ capacityBytes: 64 }));
  expect(() => lane.waitForRoom(33, { name: 'park', spin: () => false })).toThrow('TOO_LARGE');
  lane.tryClaim(1);
  expect(() => lane.waitForRoom(1, { name: 'park', spin: () => false })).toThrow('ALREADY_CLAIMED');
});
