/** What the cases of the lane contract are made of: claims, records, and random use beside a queue. */
import { strict as assert } from 'node:assert';
import { expectFilled, fill, randomFrom } from './contract.ts';
import type { LaneConsumerUnderTest, LaneProducerUnderTest, LaneUnderTest } from './lane-contract.ts';

export function claim(producer: LaneProducerUnderTest, bytes: number): number {
  const at = producer.tryClaim(bytes);
  assert.ok(at >= 0, `no room for ${bytes} bytes`);
  assert.ok(producer.claimEnd - at >= bytes, `claimEnd leaves ${producer.claimEnd - at} bytes of ${bytes}`);
  return at;
}

export function send(producer: LaneProducerUnderTest, bytes: number, seed: number): void {
  fill(producer.memory, claim(producer, bytes), bytes, seed);
  producer.commit(bytes, seed, 0, 0);
  producer.publish();
}

/** Writes and publishes records of `bytes` until there is no room; returns how many. */
export function fillUp(producer: LaneProducerUnderTest, bytes: number, seed: number): number {
  let written = 0;
  for (let at = producer.tryClaim(bytes); at >= 0; at = producer.tryClaim(bytes)) {
    fill(producer.memory, at, bytes, seed + written);
    producer.commit(bytes, seed + written++, 0, 0);
    assert.ok(written * bytes <= producer.capacity, `${written * bytes} bytes in a lane of ${producer.capacity}`);
  }
  producer.publish();
  return written;
}

export function expectRecord(
  c: LaneConsumerUnderTest,
  length: number,
  seed: number,
  count: number,
  flags: number,
): void {
  assert.deepEqual([c.length, c.sequence, c.count, c.flags], [length, seed, count, flags]);
  expectFilled(c.memory, c.offset, length, seed);
}

interface Written {
  readonly seed: number;
  readonly length: number;
}

/** What was committed, and what of it is published, read and released, as indexes. */
class Queue {
  readonly records: Written[] = [];
  published = 0;
  read = 0;
  released = 0;
}

export function runRandomly({ producer, consumer }: LaneUnderTest, seed: number, steps: number): void {
  const random = randomFrom(seed);
  const queue = new Queue();
  const first = consumer.peekPosition();
  for (let step = 0; step < steps; step++) {
    switch (random(7)) {
      case 0:
      case 1:
        produce(producer, queue, random);
        break;
      case 2:
        producer.publish();
        queue.published = queue.records.length;
        break;
      case 3:
        if (random(4) > 0) break;
        producer.rollback();
        queue.records.length = queue.published;
        break;
      case 4:
      case 5:
        assert.equal(consumer.next(), queue.read < queue.published);
        if (queue.read < queue.published) expectWritten(consumer, queue.records[queue.read++]!);
        break;
      default: {
        for (let i = queue.released; i < queue.read; i++) {
          consumer.read((first + i) | 0);
          expectWritten(consumer, queue.records[i]!);
        }
        queue.released = random(2) === 0 ? queue.read : queue.released + random(queue.read - queue.released + 1);
        if (queue.released === queue.read) consumer.release();
        else consumer.releaseTo((first + queue.released) | 0);
      }
    }
  }
}

/** A claim, and those that open behind it, each of them grown, filled and committed, or aborted. */
function produce(producer: LaneProducerUnderTest, { records }: Queue, random: (below: number) => number): void {
  const asked = random(producer.maxPayloadBytes + 1);
  for (let at = producer.tryClaim(asked), needed = asked; at >= 0; needed = 0) {
    const seed = records.length;
    let length = random(3) === 0 ? random(producer.claimEnd - at + 1) : needed;
    fill(producer.memory, at, length, seed);
    const most = producer.maxPayloadBytes - length;
    const more = most > 0 && random(3) === 0 ? random(most + 1) : 0;
    const grown = more > 0 ? producer.growClaim(length, more) : -1;
    if (grown >= 0) {
      at = grown;
      expectFilled(producer.memory, at, length, seed);
      length += more;
      fill(producer.memory, at, length, seed);
    }
    const end = random(4);
    if (end === 0) {
      producer.abort();
      return;
    }
    records.push({ seed, length });
    if (end === 1) at = producer.commitAndClaim(length, seed, length, 1);
    else {
      producer.commit(length, seed, length, 1);
      return;
    }
  }
}

const expectWritten = (consumer: LaneConsumerUnderTest, { seed, length }: Written): void =>
  expectRecord(consumer, length, seed, length, 1);
