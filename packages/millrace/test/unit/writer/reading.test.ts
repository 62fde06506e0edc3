import { type Codec, i32 } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { type BatchRule, PLAIN_BATCHES } from '../../../src/thread/batch-rule.ts';
import { GIVEN_UP, RECORD } from '../../../src/thread/lane-layout.ts';
import { Acknowledger } from '../../../src/writer/acknowledger.ts';
import { BlockReader } from '../../../src/writer/block-reader.ts';
import { Delivery } from '../../../src/writer/delivery.ts';
import { HadItems } from '../../../src/writer/had-items.ts';
import { InFlight } from '../../../src/writer/in-flight.ts';
import { laneBatch, laneViews } from '../../../src/writer/item-batches.ts';
import type { LaneBatch } from '../../../src/writer/lane-batch.ts';
import { Place } from '../../../src/writer/place.ts';
import { Reading } from '../../../src/writer/reading.ts';

type Stands = { sequence: number; items: number; laneItems?: number };
/** Of a sequence: its items, and whether they are its last. */
type Shown =
  | [sequence: number, items: number[], last?: 'last']
  | [mark: 'rewind' | 'progress', sequence: number, recall?: number];

class NeverInTime extends Acknowledger {
  protected override isTime(): boolean {
    return false;
  }
}

/** A run as a writer gets it. */
type Got = [sequence: number, first: number, items: unknown[]];

/** What a writer that stands there delivers of what a lane shows, batch by batch, and where it stands then. */
function deliver(
  { sequence, items, laneItems = items }: Stands,
  shown: Shown[],
  prepare: (reading: Reading) => void = () => {},
  { blockBytes = 4_096, ...rule }: Partial<BatchRule> & { blockBytes?: number } = {},
) {
  const handle = createLane({ capacityBytes: 4_096, align: 4 });
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
  const codec = i32 as Codec<unknown, never>;
  const views = laneViews([lane], codec);
  const reading = new Reading({ sequence, items, laneItems });
  const note = { destinationEnd: 0, sequence, items, laneItems, lane: -1 };
  const makePlace = (): Place => new Place(note, [lane.peekPosition()], 0);
  const inFlight = new InFlight(makePlace(), makePlace);
  const place = inFlight.ahead;
  prepare(reading);
  const batches: Got[][] = [];
  const destination = {
    batches: { ...PLAIN_BATCHES, ...rule },
    demand: () => Number.POSITIVE_INFINITY,
    write(written: LaneBatch) {
      const runs = Array.from({ length: written.runs }, (_, run): Got => {
        const items = written.toArray().slice(written.runBegin(run), written.runEnd(run));
        return [written.runSequence(run), written.runFirst(run), items];
      });
      expect([written.sequence, written.first]).toEqual(runs[0]!.slice(0, 2));
      batches.push(runs);
      return written.length;
    },
  };
  const control = { mayHaveToRest: () => false, work: () => ({ show() {} }) };
  const acks = new NeverInTime({ destination, lanes: [lane] } as never, inFlight);
  const parts = { destination, control, makeBatch: () => laneBatch(views, codec), blockBytes };
  const had = new HadItems();
  const delivery = new Delivery(parts as never, acks, inFlight, reading, had);
  const reader = new BlockReader(parts as never, reading, acks, delivery, had, undefined);
  expect(reader.run(lane, 0, Number.POSITIVE_INFINITY)).toBeUndefined();
  expect(place.positions[0]).toBe(lane.peekPosition());
  expect([place.sequence, place.items, place.laneItems]).toEqual([reading.sequence, reading.items, reading.laneItems]);
  const { isReplaying } = reading;
  return { batches, got: batches.flat(), stands: [place.sequence, place.items], isReplaying };
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
      batches: [
        [
          [s, 0, [1, 2]],
          [s, 2, [3]],
          [s + 2, 0, [4]],
        ],
      ],
      got: [
        [s, 0, [1, 2]],
        [s, 2, [3]],
        [s + 2, 0, [4]],
      ],
      stands: [s + 4, 0],
      isReplaying: false,
    });
  });

  test('is given one sequence at a time where it wants that', () => {
    const limits = { isBySequence: true };
    const shown: Shown[] = [
      [s, [1, 2]],
      [s, [3], 'last'],
      ['progress', s + 2],
      [s + 2, [4], 'last'],
      [s + 3, [5], 'last'],
    ];
    const { batches, stands } = deliver({ sequence: s, items: 0 }, shown, undefined, limits);
    expect(batches).toEqual([[[s, 0, [1, 2]]], [[s, 2, [3]]], [[s + 2, 0, [4]]], [[s + 3, 0, [5]]]]);
    expect(stands).toEqual([s + 4, 0]);
  });

  test.each([1, 8, 12, 16, 40])('is given at most %d bytes at once, unless a run has more', (blockBytes) => {
    const shown: Shown[] = [
      [s, [1], 'last'],
      [s + 1, [2], 'last'],
      ['progress', s + 3],
      [s + 3, [3, 4, 5]],
      [s + 3, [6], 'last'],
      [s + 9, [7], 'last'],
    ];
    const { batches, got } = deliver({ sequence: s, items: 0 }, shown, undefined, { blockBytes, isBySequence: false });
    for (const runs of batches) {
      const bytes = 4 * runs.reduce((sum, [, , items]) => sum + items.length, 0);
      if (bytes > blockBytes) expect(runs).toHaveLength(1);
    }
    // Nothing that fits is left for the next batch.
    const lengths = batches.map((runs) => runs.flatMap(([, , items]) => items).length);
    expect(lengths).toEqual({ 1: [1, 1, 3, 1, 1], 8: [2, 3, 2], 12: [2, 3, 2], 16: [2, 4, 1], 40: [7] }[blockBytes]);
    expect(got.flatMap(([, , items]) => items)).toEqual([1, 2, 3, 4, 5, 6, 7]);
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
      (reading) => reading.drop(2, reading),
    );
    expect(got).toEqual([[s, 1, [2]]]);
  });
});
