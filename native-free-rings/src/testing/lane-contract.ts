import { strict as assert } from 'node:assert';
import {
  type Bytes,
  type ContractCase,
  expectCode,
  expectFilled,
  fill,
  forEach,
  randomFrom,
  STARTS,
} from './contract.ts';

/** What `laneContract` asks of a producer; see `LaneProducer` for the meaning. */
export interface LaneProducerUnderTest {
  readonly memory: Bytes;
  readonly capacity: number;
  readonly maxPayloadBytes: number;
  readonly claimEnd: number;
  tryClaim(bytes: number): number;
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
  release(): void;
}

export interface LaneUnderTest {
  readonly producer: LaneProducerUnderTest;
  readonly consumer: LaneConsumerUnderTest;
}

export interface LaneConfiguration {
  /** 64 or more; the lane may round it up. */
  readonly capacityBytes: number;
  /** Position of both cursors, a multiple of 8. */
  readonly start: number;
}

/** One record, two, an odd number that gets rounded, many. */
const CAPACITIES = [64, 128, 200, 65_536];

/**
 * What every lane does, whatever its implementation: order, content, visibility at `publish` and not before, memory kept
 * until `release` and not after, records up to half the capacity wherever the wrap falls, misuse refused. `setup` makes an
 * empty lane with both halves in this thread.
 */
export function laneContract(setup: (configuration: LaneConfiguration) => LaneUnderTest): ContractCase[] {
  const configurations = CAPACITIES.flatMap((capacityBytes) => STARTS.map((start) => ({ capacityBytes, start })));
  const lane = (name: string, check: (lane: LaneUnderTest) => void) =>
    forEach(name, configurations, (configuration) => check(setup(configuration)));

  return [
    lane('a lane starts empty and has the capacity asked for', ({ producer, consumer }) => {
      assert.equal(consumer.next(), false);
      assert.ok(producer.capacity >= 64 && producer.maxPayloadBytes >= 16);
      assert.ok(producer.tryClaim(producer.maxPayloadBytes) >= 0);
    }),

    lane('a record is seen after publish and not before', ({ producer, consumer }) => {
      for (let seed = 0; seed < 40; seed++) {
        const at = claim(producer, 9);
        assert.equal(consumer.next(), false, 'a claim was seen');
        fill(producer.memory, at, 9, seed);
        producer.commit(9, seed, 3, 7);
        assert.equal(consumer.next(), false, 'a record was seen before publish');
        producer.publish();
        assert.equal(consumer.next(), true);
        expectRecord(consumer, 9, seed, 3, 7);
        assert.equal(consumer.next(), false);
        expectRecord(consumer, 9, seed, 3, 7);
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

    lane('a full lane holds at least half its capacity and at most all of it', ({ producer }) => {
      const payload = fillUp(producer, 8, 0) * 8;
      assert.ok(payload <= producer.capacity, `${payload} bytes in ${producer.capacity}`);
      assert.ok(payload * 3 >= producer.capacity / 2, `${payload} bytes in ${producer.capacity}`);
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
      expectCode('TOO_LARGE', () => producer.tryClaim(producer.maxPayloadBytes + 1));
      expectCode('TOO_LARGE', () => producer.tryClaim(-1));
      expectCode('TOO_LARGE', () => producer.tryClaim(Number.NaN));
      const at = claim(producer, 8);
      expectCode('ALREADY_CLAIMED', () => producer.tryClaim(8));
      expectCode('TOO_LARGE', () => producer.commit(producer.claimEnd - at + 1, 0, 0, 0));
      expectCode('TOO_LARGE', () => producer.commit(-1, 0, 0, 0));
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

function claim(producer: LaneProducerUnderTest, bytes: number): number {
  const at = producer.tryClaim(bytes);
  assert.ok(at >= 0, `no room for ${bytes} bytes`);
  assert.ok(producer.claimEnd - at >= bytes, `claimEnd leaves ${producer.claimEnd - at} bytes of ${bytes}`);
  return at;
}

function send(producer: LaneProducerUnderTest, bytes: number, seed: number): void {
  fill(producer.memory, claim(producer, bytes), bytes, seed);
  producer.commit(bytes, seed, 0, 0);
  producer.publish();
}

/** Writes and publishes records of `bytes` until there is no room; returns how many. */
function fillUp(producer: LaneProducerUnderTest, bytes: number, seed: number): number {
  let written = 0;
  for (let at = producer.tryClaim(bytes); at >= 0; at = producer.tryClaim(bytes)) {
    fill(producer.memory, at, bytes, seed + written);
    producer.commit(bytes, seed + written++, 0, 0);
    assert.ok(written * bytes <= producer.capacity, `${written * bytes} bytes in a lane of ${producer.capacity}`);
  }
  producer.publish();
  return written;
}

function expectRecord(c: LaneConsumerUnderTest, length: number, seed: number, count: number, flags: number): void {
  assert.deepEqual([c.length, c.sequence, c.count, c.flags], [length, seed, count, flags]);
  expectFilled(c.memory, c.offset, length, seed);
}

interface Written {
  readonly seed: number;
  readonly length: number;
}

function runRandomly({ producer, consumer }: LaneUnderTest, seed: number, steps: number): void {
  const random = randomFrom(seed);
  const committed: Written[] = [];
  const published: Written[] = [];
  const unreleased: (Written & { readonly offset: number })[] = [];
  let nextSeed = 0;
  for (let step = 0; step < steps; step++) {
    switch (random(5)) {
      case 0:
      case 1: {
        let asked = random(producer.maxPayloadBytes + 1);
        let at = producer.tryClaim(asked);
        while (at >= 0) {
          const length = random(3) === 0 ? random(producer.claimEnd - at + 1) : asked;
          fill(producer.memory, at, length, nextSeed);
          const end = random(4);
          if (end === 0) {
            producer.abort();
            break;
          }
          committed.push({ seed: nextSeed, length });
          at = -1;
          if (end === 1) at = producer.commitAndClaim(length, nextSeed, length, 1);
          else producer.commit(length, nextSeed, length, 1);
          asked = 0;
          nextSeed++;
        }
        break;
      }
      case 2:
        producer.publish();
        published.push(...committed.splice(0));
        break;
      case 3: {
        const wanted = published.shift();
        assert.equal(consumer.next(), wanted !== undefined);
        if (wanted !== undefined) {
          expectRecord(consumer, wanted.length, wanted.seed, wanted.length, 1);
          unreleased.push({ ...wanted, offset: consumer.offset });
        }
        break;
      }
      default:
        for (const { offset, length, seed: kept } of unreleased) expectFilled(consumer.memory, offset, length, kept);
        consumer.release();
        unreleased.length = 0;
    }
  }
}
