import { strict as assert } from 'node:assert';
import { type Bytes, type ContractCase, expectCode, expectFilled, fill, forEach, STARTS } from './contract.ts';
import { claim, expectRecord, fillUp, runRandomly, send } from './lane-driver.ts';

/** What `laneContract` asks of a producer; see `LaneProducer` for the meaning. */
export interface LaneProducerUnderTest {
  readonly memory: Bytes;
  readonly capacity: number;
  readonly maxPayloadBytes: number;
  readonly maxRecords: number;
  readonly claimEnd: number;
  tryClaim(bytes: number): number;
  growClaim(filled: number, bytes: number): number;
  commit(bytes: number, sequence: number, count: number, flags: number): void;
  commitAndClaim(bytes: number, sequence: number, count: number, flags: number): number;
  abort(): void;
  rollback(): void;
  publish(): void;
}

/** What `laneContract` asks of a consumer; see `LaneConsumer` for the meaning. */
export interface LaneConsumerUnderTest {
  readonly memory: Bytes;
  readonly offset: number;
  readonly length: number;
  readonly sequence: number;
  readonly count: number;
  readonly flags: number;
  next(): boolean;
  read(position: number): void;
  peekPosition(): number;
  release(): void;
  releaseTo(position: number): void;
}

export interface LaneUnderTest {
  readonly producer: LaneProducerUnderTest;
  readonly consumer: LaneConsumerUnderTest;
}

export interface LaneConfiguration {
  /** 64 or more; the lane may round it up. */
  readonly capacityBytes: number;
  /** One more than the records that the lane holds at least; the lane may round it up. */
  readonly records: number;
  /** Payloads begin at multiples of so many bytes: 1, 2, 4 or 8. */
  readonly align: number;
  /** Position of both cursors and of the bytes, a multiple of 8. */
  readonly start: number;
}

/** Few bytes, odd numbers that get rounded, many; and few records or many beside them. */
const SHAPES = [
  { capacityBytes: 64, records: 4, align: 8 },
  { capacityBytes: 64, records: 64, align: 1 },
  { capacityBytes: 128, records: 32, align: 4 },
  { capacityBytes: 200, records: 5, align: 2 },
  { capacityBytes: 200, records: 100, align: 8 },
  { capacityBytes: 4096, records: 1024, align: 8 },
];

/**
 * What every lane does, whatever its implementation: order, content, visibility at `publish` and not before, payloads back to
 * back, memory kept until `release` and not after, as many records as were asked for, payloads up to half the capacity wherever
 * the wrap falls, misuse refused. `setup` makes an empty lane with both halves in this thread.
 */
export function laneContract(setup: (configuration: LaneConfiguration) => LaneUnderTest): ContractCase[] {
  const configurations = SHAPES.flatMap((shape) => STARTS.map((start) => ({ ...shape, start })));
  const lane = (name: string, check: (lane: LaneUnderTest & LaneConfiguration) => void) =>
    forEach(name, configurations, (configuration) => check({ ...setup(configuration), ...configuration }));

  return [
    lane('a lane starts empty and is as large as was asked', ({ producer, consumer, capacityBytes, records }) => {
      assert.equal(consumer.next(), false);
      assert.ok(producer.capacity >= capacityBytes && producer.maxRecords >= records - 1);
      assert.equal(producer.maxPayloadBytes, producer.capacity / 2);
      assert.ok(producer.tryClaim(producer.maxPayloadBytes) >= 0);
    }),

    lane('a record is seen after publish and not before', ({ producer, consumer }) => {
      for (let seed = 0; seed < 40; seed++) {
        const at = claim(producer, 9);
        assert.equal(consumer.next(), false, 'a claim was seen');
        fill(producer.memory, at, 9, seed);
        producer.commit(9, seed, 7 - seed, seed & 3);
        assert.equal(consumer.next(), false, 'a record was seen before publish');
        producer.publish();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 9, seed, 7 - seed, seed & 3);
        assert.equal(consumer.next(), false);
        expectRecord(consumer, 9, seed, 7 - seed, seed & 3);
        consumer.release();
      }
    }),

    lane('one publish shows all that was committed, in order', ({ producer, consumer }) => {
      for (let round = 0, seed = 0; round < 20; round++) {
        const first = seed;
        seed += fillUp(producer, 5, seed);
        assert.ok(seed > first);
        for (let expected = first; expected < seed; expected++) {
          assert.equal(consumer.next(), true);
          expectRecord(consumer, 5, expected, 0, 0);
        }
        assert.equal(consumer.next(), false);
        consumer.release();
      }
    }),

    lane(
      'payloads lie back to back, but for those that begin anew behind the wrap',
      ({ producer, consumer, align }) => {
        for (let seed = 0, end = -1; seed < 200; seed++) {
          send(producer, seed % 7, seed);
          assert.equal(consumer.next(), true);
          const { offset } = consumer;
          if (end >= 0 && offset !== end) assert.ok(offset === 0 && end + (seed % 7) > producer.capacity);
          expectRecord(consumer, seed % 7, seed, 0, 0);
          end = (offset + Math.ceil((seed % 7) / align) * align) & (producer.capacity - 1);
          consumer.release();
        }
      },
    ),

    lane('count is any 32-bit word, and flags are two bits', ({ producer, consumer }) => {
      for (const count of [0, 1, -1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
        claim(producer, 0);
        producer.commit(0, count, count, 3);
        producer.publish();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 0, count | 0, count | 0, 3);
        consumer.release();
      }
    }),

    lane('an aborted claim leaves nothing behind', ({ producer, consumer }) => {
      for (let seed = 0; seed < 40; seed++) {
        fill(producer.memory, claim(producer, 11), 11, -seed);
        producer.abort();
        producer.publish();
        assert.equal(consumer.next(), false);
        consumer.release();
        send(producer, 4, seed);
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 4, seed, 0, 0);
        consumer.release();
      }
    }),

    lane('a rollback leaves what was published, and nothing else', ({ producer, consumer }) => {
      for (let seed = 0; seed < 40; seed++) {
        send(producer, 4, seed);
        while (producer.tryClaim(7) >= 0) producer.commit(7, -1, 0, 0);
        producer.rollback();
        producer.publish();
        claim(producer, 0);
        producer.rollback();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 4, seed, 0, 0);
        assert.equal(consumer.next(), false);
        consumer.release();
      }
    }),

    lane('a commit may open the next claim, where one of no bytes would be', ({ producer, consumer }) => {
      for (let seed = 0; seed < 200; seed += 2) {
        fill(producer.memory, claim(producer, 3), 3, seed);
        const next = producer.commitAndClaim(3, seed, 1, 2);
        expectCode(next < 0 ? 'NOTHING_CLAIMED' : 'ALREADY_CLAIMED', () =>
          next < 0 ? producer.commit(0, 0, 0, 0) : producer.tryClaim(0),
        );
        producer.publish();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 3, seed, 1, 2);
        assert.equal(consumer.next(), false);
        if (next >= 0) {
          assert.ok(producer.claimEnd >= next);
          producer.abort();
          assert.equal(claim(producer, 0), next);
          producer.commit(0, seed + 1, 0, 0);
          producer.publish();
          assert.equal(consumer.next(), true);
          expectRecord(consumer, 0, seed + 1, 0, 0);
        }
        consumer.release();
      }
    }),

    lane('what was not released is not written over', ({ producer, consumer }) => {
      const length = producer.maxPayloadBytes >> 2;
      const written = fillUp(producer, length, 0);
      for (let seed = 0; seed < written; seed++) {
        assert.equal(consumer.next(), true);
        assert.equal(producer.tryClaim(length), -1, 'there was room before release');
        expectRecord(consumer, length, seed, 0, 0);
      }
      consumer.release();
      assert.ok(fillUp(producer, length, written) > 0);
    }),

    lane('a full lane holds all its bytes, or all its records', ({ producer }) => {
      assert.equal(fillUp(producer, 8, 0), Math.min(producer.capacity / 8, producer.maxRecords));
    }),

    lane(
      'a lane that is full of bytes takes records without any, until it is full of records',
      ({ producer, consumer }) => {
        for (let round = 0, seed = 0; round < 20; round++) {
          const first = seed;
          seed += fillUp(producer, 8, seed);
          const withBytes = seed;
          seed += fillUp(producer, 0, seed);
          assert.equal(seed - first, producer.maxRecords);
          for (let expected = first; expected < seed; expected++) {
            assert.equal(consumer.next(), true);
            expectRecord(consumer, expected < withBytes ? 8 : 0, expected, 0, 0);
          }
          assert.equal(consumer.next(), false);
          assert.equal(producer.tryClaim(0), -1, 'there was a record too many');
          consumer.release();
        }
      },
    ),

    lane('a part may be released, and read again what is not', ({ producer, consumer }) => {
      const first = consumer.peekPosition();
      const written = fillUp(producer, 8, 0);
      for (let seed = 0; seed < written; seed++) assert.equal(consumer.next(), true);
      for (let released = 1; released < Math.min(written, 40); released += 2) {
        consumer.releaseTo((first + released) | 0);
        consumer.releaseTo((first + released - 1) | 0);
        for (let seed = released; seed < Math.min(written, 60); seed++) {
          consumer.read((first + seed) | 0);
          expectRecord(consumer, 8, seed, 0, 0);
        }
        assert.equal(fillUp(producer, 8, written + released), released === 1 ? 1 : 2);
      }
    }),

    lane('a claim may be filled up to claimEnd', ({ producer, consumer }) => {
      for (let seed = 0; seed < 60; seed += 2) {
        send(producer, seed % 13, seed);
        const at = producer.tryClaim(0);
        const length = at < 0 ? 0 : producer.claimEnd - at;
        if (at >= 0) {
          fill(producer.memory, at, length, seed + 1);
          producer.commit(length, seed + 1, 0, 0);
          producer.publish();
        }
        assert.equal(consumer.next(), true);
        expectRecord(consumer, seed % 13, seed, 0, 0);
        if (at >= 0) {
          assert.equal(consumer.next(), true);
          expectRecord(consumer, length, seed + 1, 0, 0);
        }
        consumer.release();
      }
    }),

    lane('a claim grows with what is in it, also behind the wrap', ({ producer, consumer }) => {
      const most = producer.maxPayloadBytes;
      for (let seed = 0; seed < 100; seed += 2) {
        send(producer, seed % 11, seed);
        let at = claim(producer, 0);
        let filled = 0;
        for (const grown of [most >> 3, most >> 1, (most >> 1) + 1, most]) {
          at = producer.growClaim(filled, grown - filled);
          if (at < 0) break;
          assert.ok(producer.claimEnd - at >= grown && producer.claimEnd <= producer.capacity);
          expectFilled(producer.memory, at, filled, seed + 1);
          fill(producer.memory, at, grown, seed + 1);
          filled = grown;
        }
        // The record in front is not released: at the wrap half of the lane may not be free beside it.
        assert.ok(filled >= most >> 1);
        if (at < 0) {
          assert.equal(consumer.next(), true);
          expectRecord(consumer, seed % 11, seed, 0, 0);
          consumer.release();
          at = producer.growClaim(filled, most - filled);
          expectFilled(producer.memory, at, filled, seed + 1);
          fill(producer.memory, at, most, seed + 1);
          consumer.read((consumer.peekPosition() - 1) | 0);
        } else assert.equal(consumer.next(), true);
        producer.commit(most, seed + 1, 0, 0);
        producer.publish();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, most, seed + 1, 0, 0);
        consumer.release();
      }
    }),

    lane('a claim that finds no room to grow is as it was', ({ producer, consumer }) => {
      const most = producer.maxPayloadBytes;
      for (let seed = 0; seed < 60; seed += 3) {
        const lengths = [most];
        send(producer, most, seed);
        const second = producer.tryClaim(most >> 1);
        if (second >= 0) {
          lengths.push(most >> 1);
          fill(producer.memory, second, most >> 1, seed + 1);
          producer.commit(most >> 1, seed + 1, 0, 0);
        }
        const last = seed + lengths.length;
        let at = claim(producer, 0);
        let filled = Math.min(seed % 4, producer.claimEnd - at);
        let { claimEnd } = producer;
        for (let grown = at; ; at = grown, filled += 8, { claimEnd } = producer) {
          fill(producer.memory, at, filled, last);
          grown = producer.growClaim(filled, 8);
          if (grown < 0) break;
        }
        assert.ok(filled <= most >> 1);
        assert.equal(producer.claimEnd, claimEnd);
        producer.commit(filled, last, 0, 0);
        producer.publish();
        lengths.push(filled);
        for (const [i, length] of lengths.entries()) {
          assert.equal(consumer.next(), true);
          expectRecord(consumer, length, seed + i, 0, 0);
        }
        consumer.release();
      }
    }),

    lane('the largest record fits wherever the wrap falls', ({ producer, consumer }) => {
      const rounds = Math.min(producer.capacity / 8, 200);
      for (let seed = 0; seed < 2 * rounds; seed++) {
        const length = seed % 2 === 0 ? producer.maxPayloadBytes : 8;
        send(producer, length, seed);
        assert.equal(consumer.next(), true);
        expectRecord(consumer, length, seed, 0, 0);
        consumer.release();
      }
    }),

    lane('misuse is refused and changes nothing', ({ producer, consumer }) => {
      expectCode('NOTHING_CLAIMED', () => producer.commit(0, 0, 0, 0));
      expectCode('NOTHING_CLAIMED', () => producer.abort());
      expectCode('NOTHING_CLAIMED', () => producer.growClaim(0, 0));
      expectCode('TOO_LARGE', () => producer.tryClaim(producer.maxPayloadBytes + 1));
      expectCode('TOO_LARGE', () => producer.tryClaim(-1));
      expectCode('TOO_LARGE', () => producer.tryClaim(Number.NaN));
      const at = claim(producer, 8);
      expectCode('ALREADY_CLAIMED', () => producer.tryClaim(8));
      expectCode('TOO_LARGE', () => producer.commit(producer.claimEnd - at + 1, 0, 0, 0));
      expectCode('TOO_LARGE', () => producer.commit(-1, 0, 0, 0));
      for (const flags of [4, -1, 2 ** 31]) expectCode('TOO_LARGE', () => producer.commit(0, 0, 0, flags));
      const room = producer.claimEnd - at;
      for (const filled of [-1, room + 1, Number.NaN]) expectCode('TOO_LARGE', () => producer.growClaim(filled, 0));
      for (const bytes of [-1, Number.NaN, producer.maxPayloadBytes, 2 ** 31, 2 ** 32]) {
        expectCode('TOO_LARGE', () => producer.growClaim(1, bytes));
      }
      assert.equal(producer.claimEnd - at, room);
      fill(producer.memory, at, 8, 5);
      producer.commit(8, 5, 0, 0);
      expectCode('NOTHING_CLAIMED', () => producer.commit(8, 5, 0, 0));
      expectCode('NOTHING_CLAIMED', () => producer.commitAndClaim(8, 5, 0, 0));
      expectCode('NOTHING_CLAIMED', () => producer.abort());
      producer.publish();
      assert.equal(consumer.next(), true);
      expectRecord(consumer, 8, 5, 0, 0);
      assert.equal(consumer.next(), false);
    }),

    forEach('random use agrees with a queue', configurations, (configuration) => {
      for (let seed = 1; seed <= 5; seed++) runRandomly(setup(configuration), seed, 2_000);
    }),
  ];
}
