/**
 * A lane beside a plain model of it: an array of records, and positions as whole numbers that do not wrap. Every step is done
 * to both, and what the lane answers is compared with what the model says, to the byte. Both halves are replaced at any moment,
 * as by the thread that follows a dead one.
 */
import { strict as assert } from 'node:assert';
import { createLane, LaneConsumer, type LaneHandle, LaneProducer } from 'native-free-rings';

export interface LaneShape {
  readonly capacityBytes: number;
  readonly records: number;
  readonly align: number;
  readonly start: number;
}

/** What a step does; `a` and `b` are numbers from 0 to 2^16 - 1 from which it makes its arguments. */
export interface Step {
  readonly do: keyof LaneBesideModel & StepName;
  readonly a: number;
  readonly b: number;
}

export const STEPS = [
  'claim',
  'claim',
  'commit',
  'commit',
  'commitAndClaim',
  'grow',
  'abort',
  'rollback',
  'publish',
  'publish',
  'askForRoom',
  'replaceProducer',
  'next',
  'next',
  'next',
  'move',
  'reread',
  'release',
  'releasePart',
  'replaceConsumer',
] as const;
type StepName = (typeof STEPS)[number];

interface Written {
  readonly begin: number;
  readonly bytes: Uint8Array;
  readonly sequence: number;
  readonly count: number;
  readonly flags: number;
}

interface Claim {
  readonly at: number;
  readonly filled: Uint8Array;
}

export class LaneBesideModel {
  private readonly handle: LaneHandle;
  private readonly shape: LaneShape;
  private readonly capacity: number;
  private readonly maxRecords: number;
  private producer: LaneProducer;
  private consumer: LaneConsumer;

  /** Every record that was ever committed and not taken back; record i has position start + i. */
  private readonly records: Written[] = [];
  private published = 0;
  private head = 0;
  private released = 0;
  /** Byte position where the next claim is looked for: behind the wrap as soon as one was opened there. */
  private end: number;
  private claimed: Claim | undefined;
  private stamp = 0;

  constructor(shape: LaneShape) {
    this.shape = shape;
    this.handle = createLane(shape);
    this.producer = new LaneProducer(this.handle);
    this.consumer = new LaneConsumer(this.handle);
    this.capacity = 2 ** Math.ceil(Math.log2(shape.capacityBytes));
    this.maxRecords = 2 ** Math.ceil(Math.log2(shape.records)) - 1;
    this.end = shape.start;
    assert.deepEqual([this.producer.capacity, this.producer.maxRecords], [this.capacity, this.maxRecords]);
    assert.deepEqual([this.consumer.capacity, this.consumer.maxRecords], [this.capacity, this.maxRecords]);
  }

  do(step: Step): void {
    this[step.do](step.a, step.b);
    assert.equal(this.producer.peekTail(), this.position(this.records.length));
    assert.equal(this.producer.peekUnpublished(), this.records.length - this.published);
    assert.equal(this.consumer.peekPosition(), this.position(this.head));
    assert.equal(this.consumer.peekReleased(), this.position(this.released));
    assert.equal(
      this.consumer.peekUnreleased(),
      this.head === this.released
        ? 0
        : Math.max(
            (this.endBefore(this.head) - this.endBefore(this.released)) / this.capacity,
            (this.head - this.released) / this.maxRecords,
          ),
    );
  }

  /** Reads all that is left. */
  finish(): void {
    this.publish();
    while (this.head < this.published) this.next();
    this.next();
    this.release();
    assert.equal(this.producer.loadUsed(), (this.end - this.endBefore(this.records.length)) / this.capacity);
  }

  claim(a: number, b: number): void {
    if (this.claimed !== undefined) return;
    const bytes = this.some(a, b, this.capacity / 2);
    const begin = this.records.length - this.released < this.maxRecords ? this.beginOf(bytes) : undefined;
    assert.equal(this.producer.hasRoom(bytes), begin !== undefined);
    this.opened(this.producer.tryClaim(bytes), begin, bytes);
  }

  grow(a: number, b: number): void {
    if (this.claimed === undefined) return;
    const filled = this.fill(this.some(b, a, this.room()));
    const bytes = this.some(a, b, this.capacity / 2 - Math.min(filled.length, this.capacity / 2));
    if (filled.length + bytes > this.capacity / 2) return;
    const begin = this.beginOf(filled.length + bytes);
    const { claimEnd } = this.producer;
    const { at } = this.claimed;
    assert.equal(this.producer.hasRoom(filled.length + bytes), begin !== undefined);
    const grown = this.producer.growClaim(filled.length, bytes);
    if (begin === undefined) {
      assert.deepEqual([grown, this.producer.claimEnd], [-1, claimEnd]);
      this.claimed = { at, filled };
    } else this.opened(grown, begin, filled.length + bytes, filled);
    this.expectContent(this.claimed.at, filled);
  }

  commit(a: number, b: number): void {
    if (this.claimed === undefined) return;
    const record = this.written(a, b);
    this.producer.commit(record.bytes.length, record.sequence, record.count, record.flags);
    this.committed(record);
  }

  commitAndClaim(a: number, b: number): void {
    if (this.claimed === undefined) return;
    const record = this.written(a, b);
    const { claimEnd } = this.producer;
    const next = this.producer.commitAndClaim(record.bytes.length, record.sequence, record.count, record.flags);
    this.committed(record);
    if (next < 0) return;
    assert.ok(this.records.length - this.released < this.maxRecords);
    assert.equal(next, this.end % this.capacity);
    assert.equal(this.producer.claimEnd, claimEnd);
    assert.ok(next < claimEnd);
    this.claimed = { at: next, filled: new Uint8Array(0) };
  }

  abort(): void {
    if (this.claimed === undefined) return;
    this.producer.abort();
    this.claimed = undefined;
  }

  rollback(): void {
    this.producer.rollback();
    this.forget();
  }

  publish(): void {
    this.producer.publish();
    this.published = this.records.length;
  }

  /** What a producer sleeps for: enough is free from that head on, and not before it. */
  askForRoom(a: number, b: number): void {
    this.publish();
    const bytes = this.some(a, b, this.capacity / 2);
    const roomBytes = [0, 0, this.capacity >> 2, this.some(b, a, this.capacity / 2)][a % 4]!;
    const entries = roomBytes > 0 ? Math.ceil(this.maxRecords / 8) : 1;
    const isEnough = (released: number): boolean =>
      this.records.length - released <=
        this.maxRecords - (this.claimed === undefined ? entries : Math.max(entries, 1)) &&
      this.beginOf(bytes, released) !== undefined &&
      this.capacity - (this.end - this.endBefore(released)) >= roomBytes;
    const wanted = ((this.producer.wantedHead(bytes, roomBytes) - this.position(this.released)) | 0) + this.released;
    assert.ok(wanted <= this.published);
    if (wanted < this.published) assert.equal(isEnough(Math.max(wanted, this.released)), true);
    if (wanted > this.released) assert.equal(isEnough(wanted - 1), false);
    if (roomBytes === 0) assert.equal(isEnough(Math.max(wanted, this.released)), true);
    const used = Math.max(
      (this.end - this.endBefore(this.released)) / this.capacity,
      (this.records.length - this.released) / this.maxRecords,
    );
    assert.equal(this.producer.loadUsed(), used);
    assert.equal(this.producer.peekUsed(), used);
  }

  replaceProducer(): void {
    this.producer = new LaneProducer(this.handle, { takeOver: true });
    this.forget();
  }

  next(): void {
    const isThere = this.head < this.published;
    assert.equal(this.consumer.hasNext(), isThere);
    assert.equal(this.consumer.next(), isThere);
    if (isThere) this.expectCurrent(this.head++);
  }

  move(a: number): void {
    if (!this.consumer.hasNext()) return;
    this.head += a % (((this.consumer.peekTail() - this.position(this.head)) | 0) + 1);
    this.consumer.moveTo(this.position(this.head));
  }

  reread(a: number): void {
    if (this.head === this.released) return;
    const record = this.released + (a % (this.head - this.released));
    this.consumer.read(this.position(record));
    this.expectCurrent(record);
  }

  release(): void {
    this.releaseUpTo(this.head);
    this.consumer.release();
  }

  releasePart(a: number): void {
    const position = this.released + (a % (this.head - this.released + 1));
    this.releaseUpTo(position);
    this.consumer.releaseTo(this.position(position));
  }

  replaceConsumer(a: number, b: number): void {
    this.consumer = new LaneConsumer(this.handle, { takeOver: true });
    this.head = this.released;
    if (a % 2 === 0) return;
    this.head += b % (this.published - this.released + 1);
    this.consumer.skipTo(this.position(this.head));
  }

  private position(record: number): number {
    return (this.shape.start + record) | 0;
  }

  /** From 0 to `most`, often one of the two. */
  private some(a: number, b: number, most: number): number {
    if (a % 8 === 0) return 0;
    if (a % 8 === 1) return most;
    return a % 8 < 5 ? b % (Math.min(most, 24) + 1) : b % (most + 1);
  }

  private aligned(bytes: number): number {
    return Math.ceil(bytes / this.shape.align) * this.shape.align;
  }

  private endBefore(record: number): number {
    const before = this.records[record - 1];
    return before === undefined ? this.shape.start : before.begin + this.aligned(before.bytes.length);
  }

  /** Where a claim of so many bytes begins; undefined when they are not free. */
  private beginOf(bytes: number, released = this.released): number | undefined {
    const need = this.aligned(bytes);
    const toWrap = this.capacity - (this.end % this.capacity);
    const begin = need > toWrap ? this.end + toWrap : this.end;
    return begin + need - this.endBefore(released) <= this.capacity ? begin : undefined;
  }

  private opened(at: number, begin: number | undefined, bytes: number, filled: Uint8Array = new Uint8Array(0)): void {
    if (begin === undefined) {
      assert.equal(at, -1);
      return;
    }
    assert.equal(at, begin % this.capacity);
    this.end = begin;
    this.claimed = { at, filled };
    assert.ok(this.room() >= bytes);
    assert.ok(this.producer.claimEnd <= this.capacity);
    assert.ok(this.room() <= this.capacity - (begin - this.endBefore(this.released)));
  }

  private room(): number {
    return this.producer.claimEnd - this.claimed!.at;
  }

  /** Fills the first bytes of the open claim behind what is filled, with bytes that no other claim has there. */
  private fill(length: number): Uint8Array {
    const { at, filled } = this.claimed!;
    const bytes = Uint8Array.from(
      { length: Math.max(length, filled.length) },
      (_, i) => filled[i] ?? this.stamp + 7 * i,
    );
    this.producer.memory.u8.set(bytes, at);
    this.stamp += 37;
    return bytes;
  }

  private written(a: number, b: number): Written {
    const bytes = this.fill(this.some(a, b, this.room()));
    return { begin: this.end, bytes, sequence: a * 2 ** 17 + b, count: b * 2 ** 17 + a, flags: a & 3 };
  }

  private committed(record: Written): void {
    this.records.push(record);
    this.end = this.endBefore(this.records.length);
    this.claimed = undefined;
  }

  private forget(): void {
    this.records.length = this.published;
    this.end = this.endBefore(this.published);
    this.claimed = undefined;
  }

  private expectCurrent(record: number): void {
    const { begin, bytes, sequence, count, flags } = this.records[record]!;
    const { consumer } = this;
    assert.deepEqual(
      [consumer.length, consumer.sequence, consumer.count, consumer.flags],
      [bytes.length, sequence | 0, count | 0, flags],
    );
    assert.equal(consumer.offset, begin % this.capacity);
    this.expectContent(consumer.offset, bytes);
  }

  /** All records that were not released are still what was written. */
  private releaseUpTo(position: number): void {
    for (let record = this.released; record < this.published; record++) {
      const { begin, bytes } = this.records[record]!;
      this.expectContent(begin % this.capacity, bytes);
    }
    this.released = position;
  }

  private expectContent(at: number, bytes: Uint8Array): void {
    if (Buffer.compare(this.consumer.memory.u8.subarray(at, at + bytes.length), bytes) === 0) return;
    assert.deepEqual([...this.consumer.memory.u8.slice(at, at + bytes.length)], [...bytes]);
  }
}
