/** Random use of a lane against the simplest queue, with content checks, shrunk by fast-check to the shortest that fails. */
import fc from 'fast-check';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { expect, test } from 'vitest';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send'), bytes: fc.nat(600), share: fc.nat(100) }) },
  fc.record({
    do: fc.constantFrom('abort', 'publish', 'rollback', 'next', 'next', 'release', 'takeOver'),
    bytes: fc.nat(600),
  }),
);
const lane = fc.record({
  capacityBytes: fc.integer({ min: 64, max: 1024 }),
  start: fc.oneof(
    fc.integer({ min: 2 ** 28 - 8, max: 2 ** 28 }).map((n) => n * 8),
    fc.integer({ min: 2 ** 29 - 8, max: 2 ** 29 }).map((n) => n * 8),
    fc.maxSafeNat().map((n) => Math.floor(n / 8) * 8),
  ),
});

test('a lane is a queue of bytes', () => {
  fc.assert(
    fc.property(lane, fc.array(step, { minLength: 10, maxLength: 150 }), (options, steps) => {
      const handle = createLane(options);
      let producer = new LaneProducer(handle);
      const consumer = new LaneConsumer(handle);
      const committed: Uint8Array[] = [];
      const published: Uint8Array[] = [];
      const held: { at: number; bytes: Uint8Array }[] = [];
      let stamp = 0;

      for (const one of steps) {
        const bytes = one.bytes % (producer.maxPayloadBytes + 1);
        if (one.do === 'send' || one.do === 'abort') {
          const at = producer.tryClaim(bytes);
          if (at < 0) continue;
          expect(producer.claimEnd - at).toBeGreaterThanOrEqual(bytes);
          const length =
            'share' in one ? bytes + Math.floor(((producer.claimEnd - at - bytes) * one.share) / 100) : bytes;
          const content = Uint8Array.from({ length }, (_, i) => stamp + i);
          producer.memory.u8.set(content, at);
          if (one.do === 'abort') producer.abort();
          else {
            producer.commit(length, stamp, length, stamp & 1);
            committed.push(content);
          }
          stamp++;
        } else if (one.do === 'publish') {
          producer.publish();
          expect(producer.peekUnpublishedBytes()).toBe(0);
          published.push(...committed.splice(0));
        } else if (one.do === 'rollback') {
          producer.rollback();
          committed.length = 0;
        } else if (one.do === 'takeOver') {
          // The thread is gone, with all it had not published.
          producer = new LaneProducer(handle, { takeOver: true });
          committed.length = 0;
        } else if (one.do === 'next') {
          const expected = published.shift();
          expect(consumer.next()).toBe(expected !== undefined);
          if (expected === undefined) continue;
          expect(consumer.length).toBe(expected.length);
          expect(consumer.count).toBe(expected.length);
          held.push({ at: consumer.offset, bytes: expected });
        } else {
          for (const { at, bytes: expected } of held) {
            expect(consumer.memory.u8.slice(at, at + expected.length)).toEqual(expected);
          }
          consumer.release();
          held.length = 0;
          expect(consumer.peekUnreleasedBytes()).toBe(0);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('what a sleeping producer waits for is exactly what its claim needs', () => {
  const size = fc.nat(48);
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 60 }), size, (sizes, wanted) => {
      const handle = createLane({ capacityBytes: 128, start: 2 ** 32 - 64 });
      const producer = new LaneProducer(handle);
      const consumer = new LaneConsumer(handle);
      for (const bytes of sizes) {
        if (producer.tryClaim(bytes) < 0) {
          expect(producer.hasRoom(bytes)).toBe(false);
          const head = producer.wantedHead(bytes, 0);
          for (;;) {
            const enough = ((consumer.peekReleased() - head) | 0) >= 0;
            expect(producer.hasRoom(bytes)).toBe(enough);
            if (enough) break;
            expect(consumer.next()).toBe(true);
            consumer.release();
          }
          expect(producer.tryClaim(bytes)).toBeGreaterThanOrEqual(0);
        }
        producer.commit(bytes, 0, 0, 0);
        producer.publish();
      }
      expect(producer.hasRoom(wanted)).toBe(producer.tryClaim(wanted) >= 0);
    }),
  );
});
