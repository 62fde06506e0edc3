import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLane, LANE_ENTRY, LaneConsumer, LaneProducer, RingError } from '../../src/index.ts';

const { shift, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits } = LANE_ENTRY;
const ALIGN = 4;
const BYTES = 256;
const RECORDS = 16;

/** A lane whose producer fills entries itself as long as it may, and commits by a call where it may not. */
class Filling {
  readonly consumer: LaneConsumer;
  readonly producer: LaneProducer;
  filled = 0;
  private records = 0;
  private bytes = 0;

  constructor(start: number) {
    const handle = createLane({ capacityBytes: BYTES, records: RECORDS, align: ALIGN, start });
    this.producer = new LaneProducer(handle);
    this.consumer = new LaneConsumer(handle);
  }

  /** False where the lane is full. */
  put(sequence: number, items: number): boolean {
    const { producer } = this;
    const bytes = items * ALIGN;
    if (this.at < 0) this.at = producer.tryClaim(bytes);
    const begin = this.at + this.bytes;
    const hasRoom = this.at >= 0 && begin + bytes < producer.claimEnd && this.records < producer.peekEntryRoom();
    if (hasRoom) {
      const entry = producer.peekEntry() + (this.records << shift);
      producer.index[entry + SEQUENCE] = sequence;
      producer.index[entry + BEGIN] = producer.peekBegin() + this.bytes;
      producer.index[entry + SIZE] = (bytes << flagBits) | 1;
      producer.index[entry + COUNT] = items;
      producer.memory.i32.fill(sequence, begin >> 2, (begin + bytes) >> 2);
      this.records++;
      this.bytes += bytes;
      this.filled++;
      return true;
    }
    this.settle();
    if (this.at >= 0) producer.abort();
    this.at = producer.tryClaim(bytes);
    if (this.at < 0) return false;
    producer.memory.i32.fill(sequence, this.at >> 2, (this.at + bytes) >> 2);
    this.at = producer.commitAndClaim(bytes, sequence, items, 1);
    return true;
  }

  settle(): void {
    if (this.records > 0) this.at = this.producer.commitEntries(this.records, this.bytes);
    this.records = this.bytes = 0;
  }

  private at = -1;
}

test('entries that a producer fills itself are records as any, at each wrap of lane, index and positions', () => {
  let filled = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 7 })), { maxLength: 200 }),
      fc.constantFrom(0, 8, 2 ** 31 - 40, 2 ** 32 - 72),
      (puts, start) => {
        const lane = new Filling(start);
        const wanted: [sequence: number, items: number][] = [];
        const read = (): void => {
          lane.settle();
          lane.producer.publish();
          while (lane.consumer.next()) {
            const { sequence, count, length, offset, flags, memory } = lane.consumer;
            expect([sequence, count, length, flags]).toEqual([...wanted[0]!, wanted[0]![1] * ALIGN, 1]);
            const items = memory.i32.subarray(offset >> 2, (offset + length) >> 2);
            expect(items.every((item) => item === sequence)).toBe(true);
            wanted.shift();
          }
          expect(wanted).toEqual([]);
          lane.consumer.release();
        };
        puts.forEach(([items, what], sequence) => {
          if (!lane.put(sequence, items)) {
            read();
            expect(lane.put(sequence, items)).toBe(true);
          }
          wanted.push([sequence, items]);
          if (what === 0) read();
        });
        read();
        filled += lane.filled;
      },
    ),
    { numRuns: 500 },
  );
  expect(filled).toBeGreaterThan(0);
});

test('no more than the open claim has', () => {
  const { producer } = new Filling(0);
  expect(() => producer.commitEntries(1, 4)).toThrow(RingError);
  producer.tryClaim(0);
  expect(() => producer.commitEntries(1, BYTES + 4)).toThrow('commit of 260 bytes');
});
