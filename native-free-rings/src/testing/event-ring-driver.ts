import { strict as assert } from 'node:assert';
import { expectFilled, fill, randomFrom } from './contract.ts';
import type {
  EventRingConfiguration,
  EventRingProducerUnderTest,
  EventRingReaderUnderTest,
  EventRingUnderTest,
} from './event-ring-contract.ts';

/** A ring under test with one producer and one reader; `capacity` is the rounded one. */
export interface RingDriver extends EventRingConfiguration {
  readonly ring: EventRingUnderTest;
  readonly producer: EventRingProducerUnderTest;
  readonly reader: EventRingReaderUnderTest;
}

/** Lets promises settle which could settle by now. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ranges that may be skipped and not released. In a shared ring slots alone limit them. */
export const mostRanges = ({ capacity, skips, producers }: EventRingConfiguration): number =>
  producers > 1 ? capacity : Math.min(2 ** Math.ceil(Math.log2(skips)), capacity);

/** Length of a record of varying length, so that a ring with 32 bytes of data a record is full by count first. */
const lengthFor = (sequence: number): number => sequence % 17;

/** Claims one record, which is expected to get `sequence`; in a ring of varying length of `length` bytes. */
export function claimNext(
  { dataBytes }: EventRingConfiguration,
  producer: EventRingProducerUnderTest,
  sequence: number,
  length: number = lengthFor(sequence),
): number {
  return dataBytes > 0 ? producer.tryClaimBytes(length) : producer.tryClaim();
}

/** Fills an open claim and commits it. `toClaimEnd`: with all the bytes that the claim allows. */
function fillAndCommit(
  { dataBytes, slotBytes }: EventRingConfiguration,
  producer: EventRingProducerUnderTest,
  sequence: number,
  length: number = lengthFor(sequence),
  toClaimEnd = false,
): void {
  if (dataBytes > 0) {
    const room = producer.claimEnd - producer.claimOffset;
    assert.ok(room >= length, `claimEnd leaves ${room} bytes of ${length}`);
    assert.ok(
      room <= producer.maxRecordBytes,
      `a claim of ${room} bytes, and a record takes ${producer.maxRecordBytes}`,
    );
    const bytes = toClaimEnd ? room : length;
    fill(producer.memory, producer.claimOffset, bytes, sequence);
    producer.commit(bytes);
  } else {
    fill(producer.memory, producer.offsetOf(sequence), slotBytes, sequence);
    producer.commit();
  }
}

/** Claims, fills and commits one record. Returns its sequence, or -1. */
export function put(
  configuration: EventRingConfiguration,
  producer: EventRingProducerUnderTest,
  sequence: number,
  length: number = lengthFor(sequence),
  toClaimEnd = false,
): number {
  const got = claimNext(configuration, producer, sequence, length);
  if (got >= 0) fillAndCommit(configuration, producer, got, length, toClaimEnd);
  return got;
}

/** Commits records until there is no room; returns how many. */
export function fillUp(
  configuration: EventRingConfiguration,
  producer: EventRingProducerUnderTest,
  begin: number,
): number {
  let count = 0;
  while (put(configuration, producer, begin + count) >= 0) {
    assert.ok(++count <= configuration.capacity, `${count} records in a ring of ${configuration.capacity}`);
  }
  return count;
}

/** Checks the content of a record that the reader may read. */
export function readOne(
  { dataBytes, slotBytes }: EventRingConfiguration,
  { memory, records }: EventRingReaderUnderTest,
  sequence: number,
): void {
  assert.equal(records.isVoid(sequence), false, `record ${sequence} is void`);
  const length = records.lengthOf(sequence);
  if (dataBytes === 0) assert.equal(length, slotBytes);
  expectFilled(memory, records.offsetOf(sequence), length, sequence);
}

interface OpenProducer {
  readonly handle: EventRingProducerUnderTest;
  claimed: number;
  length: number;
}

interface OpenReader {
  readonly handle: EventRingReaderUnderTest;
  end: number;
}

/** A ring and the queue it has to agree with. */
class Model {
  private readonly driver: RingDriver;
  private readonly random: (below: number) => number;
  private readonly producers: OpenProducer[];
  private readonly readers: OpenReader[];
  /** By sequence, while some reader may look: the length, -1 when void, undefined while claimed. */
  private readonly settled = new Map<number, number>();
  private readonly skipped: { readonly end: number }[] = [];
  private claimed: number;
  private end: number;

  constructor(driver: RingDriver, random: (below: number) => number) {
    this.driver = driver;
    this.random = random;
    this.producers = [{ handle: driver.producer, claimed: -1, length: 0 }];
    while (this.producers.length < driver.producers) {
      this.producers.push({ handle: driver.ring.attachProducer(), claimed: -1, length: 0 });
    }
    this.readers = [{ handle: driver.reader, end: driver.start }];
    this.claimed = driver.start;
    this.end = driver.start;
  }

  step(): void {
    const producer = this.producers[this.random(this.producers.length)]!;
    const reader = this.readers[this.random(this.readers.length)]!;
    const what = this.random(this.driver.skips > 0 ? 10 : 8);
    if (what >= 8) this.skip(producer);
    else if (what < 3 && producer.claimed < 0) this.claim(producer);
    else if (what < 3) this.settle(producer);
    else if (what === 3) this.publish(producer);
    else if (what < 6) this.read(reader);
    else if (what === 6) this.release(reader);
    else this.joinOrLeave(reader);
  }

  private claim(producer: OpenProducer): void {
    const length = this.random(producer.handle.maxRecordBytes + 1);
    const got = claimNext(this.driver, producer.handle, this.claimed, length);
    const free = this.driver.capacity - (this.claimed - Math.min(...this.readers.map((r) => r.handle.peekNext())));
    if (got < 0) {
      if (this.driver.dataBytes === 0) assert.equal(free, 0, `full with ${free} records free`);
      return;
    }
    assert.ok(free > 0, `claimed record ${got} over one that is not released`);
    assert.equal(got, this.claimed);
    this.claimed++;
    producer.claimed = got;
    producer.length = length;
    // Written before the commit, so that a record which is seen too early or written over too early is found out.
    if (this.driver.dataBytes > 0) fill(producer.handle.memory, producer.handle.claimOffset, length, got);
    else fill(producer.handle.memory, producer.handle.offsetOf(got), this.driver.slotBytes, got);
  }

  private skip(producer: OpenProducer): void {
    if (producer.claimed >= 0) return;
    const count = 1 + this.random(this.random(2) === 0 ? this.driver.capacity : 1);
    const got = producer.handle.trySkip(count);
    const gate = Math.min(...this.readers.map((r) => r.handle.peekNext()));
    const live = this.skipped.filter(({ end }) => end > gate).length;
    const fits = this.claimed + count - gate <= this.driver.capacity && live < mostRanges(this.driver);
    // A single producer shows first what it has committed.
    if (this.driver.producers === 1) this.end = this.claimed;
    assert.equal(got, fits ? this.claimed : -1);
    if (!fits) return;
    for (let s = got; s < got + count; s++) this.settled.set(s, -1);
    this.claimed += count;
    this.skipped.push({ end: this.claimed });
  }

  private settle(producer: OpenProducer): void {
    const { claimed, length } = producer;
    producer.claimed = -1;
    if (this.random(4) > 0) {
      fillAndCommit(this.driver, producer.handle, claimed, length);
      this.settled.set(claimed, length);
      return;
    }
    producer.handle.abort();
    if (this.driver.producers > 1) this.settled.set(claimed, -1);
    else this.claimed--;
  }

  private publish(producer: OpenProducer): void {
    const before = this.end;
    while (this.settled.has(this.end)) this.end++;
    assert.equal(producer.handle.publish(), this.end - before);
  }

  private read(reader: OpenReader): void {
    assert.equal(reader.handle.loadEnd(), this.end);
    reader.end = this.end;
    for (let s = reader.handle.peekNext(); s < reader.end; s++) {
      if (this.settled.get(s) === -1) assert.equal(reader.handle.records.isVoid(s), true);
      else {
        if (this.driver.dataBytes > 0) assert.equal(reader.handle.records.lengthOf(s), this.settled.get(s));
        readOne(this.driver, reader.handle, s);
      }
    }
  }

  private release(reader: OpenReader): void {
    const next = reader.handle.peekNext();
    if (reader.end > next) reader.handle.release(next + 1 + this.random(reader.end - next));
  }

  private joinOrLeave(reader: OpenReader): void {
    if (this.readers.length === this.driver.readers) {
      reader.handle.detach();
      this.readers.splice(this.readers.indexOf(reader), 1);
      return;
    }
    const slowest = Math.min(...this.readers.map((r) => r.handle.peekNext()));
    const joined = { handle: this.driver.ring.attachReader(), end: 0 };
    const next = joined.handle.peekNext();
    assert.ok(next <= slowest, `joined at ${next}, after ${slowest} which is still there`);
    joined.end = next;
    this.readers.push(joined);
    this.read(joined);
  }
}

export function runRandomly(driver: RingDriver, seed: number, steps: number): void {
  const model = new Model(driver, randomFrom(seed));
  for (let i = 0; i < steps; i++) model.step();
}
