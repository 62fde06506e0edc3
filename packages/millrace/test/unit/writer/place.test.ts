import { type Codec, i32, value } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { GIVEN_UP, RECORD } from '../../../src/thread/lane-layout.ts';
import { type LaneBatch, laneBatch } from '../../../src/writer/batch.ts';
import { Delivery } from '../../../src/writer/delivery.ts';
import { Place } from '../../../src/writer/place.ts';
import { RecordLoop } from '../../../src/writer/record-loop.ts';

type Stands = { sequence: number; items: number; laneItems?: number };
/** Of a sequence: its items, and whether they are its last. */
type Shown =
  | [sequence: number, items: number[], last?: 'last']
  | [mark: 'rewind' | 'progress', sequence: number, recall?: number];

/** What a writer that stands there delivers of what a lane shows, and where it stands then. */
function deliver(
  { sequence, items, laneItems = items }: Stands,
  shown: Shown[],
  prepare: (place: Place) => void = () => {},
) {
  const handle = createLane({ capacityBytes: 4_096 });
  const producer = new LaneProducer(handle);
  const lane = new LaneConsumer(handle);
  for (const [what, rest, more] of shown) {
    if (typeof what === 'string') {
      producer.tryClaim(0);
      producer.commit(0, (rest as number) | 0, (more as number | undefined) ?? 0, RECORD[what]);
      continue;
    }
    const values = rest as number[];
    const at = producer.tryClaim(4 * values.length);
    values.forEach((item, i) => {
      producer.memory.i32[(at >> 2) + i] = item;
    });
    producer.commit(4 * values.length, what | 0, values.length, more === 'last' ? RECORD.last : RECORD.more);
  }
  producer.publish();
  const batch = laneBatch(lane.memory, i32 as Codec<unknown, never>);
  const place = new Place({ sequence, items, laneItems });
  prepare(place);
  const got: [number, number, unknown[]][] = [];
  const destination = {
    write(written: LaneBatch) {
      got.push([written.sequence, written.first, written.toArray()]);
      return written.length;
    },
  };
  const control = { mayHaveToRest: () => false, work: () => ({ show() {} }) };
  const acks = {
    batchesLeft: () => 64,
    mostUnreleased: () => 4_096,
    areBatchesSlow: () => false,
    deliveredRun() {},
    delivered(delivered: LaneBatch) {
      place.delivered(delivered);
      return false;
    },
  };
  const delivery = new Delivery({ destination } as never, acks as never);
  const loop = new RecordLoop(destination as never, control as never, place, acks as never, delivery);
  expect(loop.run(lane, batch, Number.POSITIVE_INFINITY)).toBeUndefined();
  expect(loop.records).toBe(shown.length);
  return { got, stands: [place.sequence, place.items], isReplaying: place.isReplaying };
}

describe.each([5, 2 ** 31 - 1, 2 ** 32 - 1])('a writer that stands at sequence %d', (s) => {
  test('delivers what comes, and knows each item by sequence and index', () => {
    expect(
      deliver({ sequence: s, items: 0 }, [
        [s, [1, 2]],
        [s, [3], 'last'],
        [s + 2, [4], 'last'],
        ['progress', s + 4],
      ]),
    ).toEqual({
      got: [
        [s, 0, [1, 2]],
        [s, 2, [3]],
        [s + 2, 0, [4]],
      ],
      stands: [s + 4, 0],
      isReplaying: false,
    });
  });

  test.each([1, 2, 3, 4])('leaves out the items that it has when a sequence begins again (%d)', (has) => {
    const all = [1, 2, 3, 4, 5];
    const { got, stands } = deliver({ sequence: s, items: 0 }, [
      [s, all.slice(0, has)],
      ['rewind', s],
      [s, [1, 2]],
      [s, [3, 4]],
      [s, [5], 'last'],
    ]);
    expect(got.flatMap(([, , items]) => items)).toEqual(all);
    for (const [, first, items] of got) expect(items[0]).toBe(first + 1);
    expect(stands).toEqual([s + 1, 0]);
  });

  test('goes on in the middle of a record, where a writer before it had come', () => {
    const { got, stands } = deliver({ sequence: s, items: 3, laneItems: 2 }, [[s, [3, 4, 5], 'last']]);
    expect(got).toEqual([[s, 3, [4, 5]]]);
    expect(stands).toEqual([s + 1, 0]);
  });

  test('ends a sequence of which nothing more comes the second time', () => {
    expect(
      deliver({ sequence: s, items: 2 }, [
        ['rewind', s],
        [s, [1, 2], 'last'],
        [s + 1, [9], 'last'],
      ]).got,
    ).toEqual([[s + 1, 0, [9]]]);
    // A dead letter.
    expect(
      deliver({ sequence: s, items: 2 }, [
        ['rewind', s],
        ['progress', s + 1, GIVEN_UP],
        [s + 1, [9], 'last'],
      ]).got,
    ).toEqual([[s + 1, 0, [9]]]);
  });

  test('refuses a second computation that has fewer items than were delivered', () => {
    expect(() =>
      deliver({ sequence: s, items: 3 }, [
        ['rewind', s],
        [s, [1, 2], 'last'],
      ]),
    ).toThrow(/\[PROCESSOR_FAILED\] .*3 items or more .* 2 when .* the same items of the same event/);
  });

  const ends: [string, Shown][] = [
    ['the ticket ends', ['progress', s + 1]],
    ['a later event begins again', ['rewind', s + 1]],
    ['a later event has items', [s + 1, [9], 'last']],
    ['a later event has items, and more to come', [s + 4, [9]]],
    ['a later event was given up', ['progress', s + 2, GIVEN_UP]],
  ];
  test.each(ends)('refuses one that has none, or only some, when %s', (_, end) => {
    const begun: Shown[] = [
      [s, [1, 2, 3]],
      ['rewind', s],
    ];
    const fault = (seen: number): RegExp =>
      new RegExp(`^\\[PROCESSOR_FAILED\\] sequence ${s} had 3 .* and ${seen} when`);
    expect(() => deliver({ sequence: s, items: 0 }, [...begun, end])).toThrow(fault(0));
    expect(() => deliver({ sequence: s, items: 0 }, [...begun, [s, [1, 2]], end])).toThrow(fault(2));
    // Another attempt before the end is no end.
    expect(() => deliver({ sequence: s, items: 0 }, [...begun, ['rewind', s], end])).toThrow(fault(0));
    expect(deliver({ sequence: s, items: 0 }, [...begun, [s, [1, 2, 3]], end]).got[0]).toEqual([s, 0, [1, 2, 3]]);
  });

  test('drops everything up to the rewind that answers its recall', () => {
    const { got } = deliver(
      { sequence: s, items: 1 },
      [
        [s, [7]],
        ['rewind', s, 1],
        [s, [8], 'last'],
        ['rewind', s, 2],
        [s, [1, 2], 'last'],
      ],
      (place) => place.drop(2),
    );
    expect(got).toEqual([[s, 1, [2]]]);
  });
});

test('a batch of items of varying length leaves the first ones behind', () => {
  const codec = value() as Codec<unknown, never>;
  const handle = createLane({ capacityBytes: 4_096 });
  const producer = new LaneProducer(handle);
  const at = producer.tryClaim(1_000);
  const items = ['a', 'bcd', { e: 1 }, ''];
  let end = at;
  for (const item of items) {
    const length = (codec as unknown as { write(m: unknown, at: number, room: number, item: unknown): number }).write(
      producer.memory,
      end + 4,
      500,
      item,
    );
    producer.memory.i32[end >> 2] = length;
    end += 4 + ((length + 3) & ~3);
  }
  const batch = laneBatch(producer.memory, codec);
  Object.assign(batch, { sequence: 0, first: 0, length: items.length, offset: at, bytes: end - at });
  batch.skip(2);
  expect([batch.first, batch.length, batch.toArray()]).toEqual([2, 2, items.slice(2)]);
  expect(batch.offset + batch.bytes).toBe(end);
});
