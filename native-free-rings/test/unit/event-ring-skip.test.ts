/** What was skipped, looked up from anywhere, and what it leaves alone. */
import fc from 'fast-check';
import {
  createEventRing,
  EventRingProducer,
  EventRingReader,
  FULL,
  openEventRing,
  RecordLookup,
} from 'native-free-rings';
import { expect, test } from 'vitest';
import { DATA_TAIL_WORD } from '../../src/event-ring/event-ring-descriptor.ts';

test('any lookup finds what was skipped, wherever and whenever it asks', () => {
  const steps = fc.array(
    fc.record({ skip: fc.integer({ min: 0, max: 9 }), ask: fc.array(fc.nat(63), { maxLength: 6 }), who: fc.nat(2) }),
    { minLength: 20, maxLength: 150 },
  );
  const setting = fc.record({
    producers: fc.constantFrom(1, 2),
    skips: fc.constantFrom(1, 4, 64),
    start: fc.constantFrom(0, 2 ** 31 - 50, 2 ** 32 - 50, 2 ** 52),
  });
  fc.assert(
    fc.property(setting, steps, (options, script) => {
      const handle = createEventRing({ ...options, capacity: 64 });
      const producer = new EventRingProducer(handle);
      const reader = new EventRingReader(handle);
      const lookups = Array.from({ length: 3 }, () => new RecordLookup(openEventRing(handle)));
      const isVoid = new Map<number, boolean>();
      let next = options.start;
      for (const { skip, ask, who } of script) {
        const count = Math.max(skip, 1);
        let got = skip > 0 ? producer.trySkip(count) : producer.tryClaim();
        if (got === FULL) {
          producer.publish();
          reader.loadEnd();
          reader.release(next - (next % 3));
          reader.release(next);
          got = skip > 0 ? producer.trySkip(count) : producer.tryClaim();
        }
        expect(got).toBe(next);
        if (skip === 0) producer.commit();
        producer.publish();
        for (let i = 0; i < count; i++) isVoid.set(next + i, skip > 0);
        next += count;
        const retained = next - reader.peekNext();
        for (const back of ask) {
          if (back >= retained) continue;
          const sequence = next - 1 - back;
          expect(lookups[who]!.isVoid(sequence)).toBe(isVoid.get(sequence));
          let [record, hole] = [sequence, sequence];
          while (record < next && isVoid.get(record) === true) record++;
          while (hole < next && isVoid.get(hole) === false) hole++;
          expect(lookups[who]!.nextRecord(sequence, next)).toBe(record);
          expect(lookups[who]!.nextVoid(sequence, next)).toBe(hole);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('what is skipped takes no data: a record has the room that those before it have given back', () => {
  const handle = createEventRing({ capacity: 8, dataBytes: 64, skips: 8 });
  // Its position in the data has wrapped since the slots were last written.
  new Int32Array(handle.buffer)[DATA_TAIL_WORD] = 2 ** 31 - 64;
  const producer = new EventRingProducer(handle);
  const reader = new EventRingReader(handle);
  expect(producer.tryClaimBytes(32)).toBe(0);
  producer.commit(32);
  expect(producer.trySkip(2)).toBe(1);
  expect(producer.trySkip(1)).toBe(3);
  expect(producer.tryClaimBytes(32)).toBe(4);
  producer.commit(32);
  expect(producer.tryClaimBytes(8)).toBe(FULL);
  producer.publish();
  expect(reader.loadEnd()).toBe(5);
  // In the middle of what was skipped: the oldest record is behind it.
  reader.release(2);
  expect(producer.tryClaimBytes(32)).toBe(5);
  producer.abort();
  expect(producer.tryClaimBytes(32)).toBe(5);
  producer.commit(32);
  expect(producer.tryClaimBytes(8)).toBe(FULL);
});

test('a producer that skips with many ranges side by side does not go through them at each claim', () => {
  const handle = createEventRing({ capacity: 2 ** 14, dataBytes: 2 ** 20, skips: 2 ** 14 });
  const producer = new EventRingProducer(handle);
  const reader = new EventRingReader(handle);
  for (let s = 0; s < 2 ** 13; s++) expect(producer.trySkip(1)).toBe(s);
  let looks = 0;
  const voids = Reflect.get(Reflect.get(producer, 'space'), 'voids');
  const covers = voids.covers.bind(voids);
  voids.covers = (sequence: number): boolean => {
    looks++;
    return covers(sequence);
  };
  for (let i = 0; i < 100; i++) {
    expect(producer.tryClaimBytes(8)).toBe(2 ** 13 + i);
    producer.commit(8);
  }
  expect(looks).toBeLessThan(2 ** 13 + 500);
  producer.publish();
  expect(reader.loadEnd()).toBe(2 ** 13 + 100);
});
