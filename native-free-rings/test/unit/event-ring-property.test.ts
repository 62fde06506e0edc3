/** Random use of an event ring of bytes against the simplest queue, with content checks. */
import fc from 'fast-check';
import { createEventRing, EventRingProducer, EventRingReader, FULL } from 'native-free-rings';
import { expect, test } from 'vitest';
import { DATA_TAIL_WORD } from '../../src/event-ring/event-ring-descriptor.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('claim'), who: fc.nat(2), bytes: fc.nat(300) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('commit', 'commit', 'abort'), who: fc.nat(2), bytes: fc.nat(300) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('publish', 'release'), who: fc.nat(2), bytes: fc.nat(300) }),
  },
);
const ring = fc.record({
  capacity: fc.integer({ min: 1, max: 20 }),
  dataBytes: fc.integer({ min: 64, max: 512 }),
  producers: fc.constantFrom(1, 3),
  start: fc.oneof(
    fc.integer({ min: 2 ** 31 - 30, max: 2 ** 31 }),
    fc.integer({ min: 2 ** 32 - 30, max: 2 ** 32 }),
    fc.nat(10),
  ),
});
const dataStart = fc.constantFrom(0, 2 ** 31 - 128, -128);

interface Settled {
  /** Undefined while the claim is open, null when it was aborted. */
  content: Uint8Array | null | undefined;
}

test('an event ring is a queue that every reader sees whole', () => {
  fc.assert(
    fc.property(ring, dataStart, fc.array(step, { minLength: 10, maxLength: 200 }), (options, dataTail, steps) => {
      const handle = createEventRing({ ...options, readers: 2 });
      // Its position in the data wraps at 2^32 bytes: start just below.
      new Int32Array(handle.buffer)[DATA_TAIL_WORD] = dataTail;
      const producers = Array.from({ length: options.producers }, () => new EventRingProducer(handle));
      const readers = [new EventRingReader(handle), new EventRingReader(handle)];
      const open = new Map<EventRingProducer, { sequence: number; content: Uint8Array }>();
      const log: Settled[] = [];
      let end = 0;

      for (const { do: what, who, bytes } of steps) {
        const producer = producers[who % producers.length]!;
        const reader = readers[who % readers.length]!;
        const claim = open.get(producer);
        if (what === 'claim' && claim === undefined) {
          const length = bytes % (producer.maxRecordBytes + 1);
          const sequence = producer.tryClaimBytes(length);
          if (sequence === FULL) continue;
          expect(sequence).toBe(options.start + log.length);
          const room = producer.claimEnd - producer.claimOffset;
          expect(room).toBeGreaterThanOrEqual(length);
          const content = Uint8Array.from({ length: bytes % 3 === 0 ? room : length }, (_, i) => log.length * 7 + i);
          producer.memory.u8.set(content, producer.claimOffset);
          open.set(producer, { sequence, content });
          log.push({ content: undefined });
        } else if (what === 'commit' && claim !== undefined) {
          producer.commit(claim.content.length);
          log[claim.sequence - options.start]!.content = claim.content;
          open.delete(producer);
        } else if (what === 'abort' && claim !== undefined) {
          producer.abort();
          if (producer.shared) log[claim.sequence - options.start]!.content = null;
          else log.pop();
          open.delete(producer);
        } else if (what === 'publish') {
          const before = end;
          while (end < log.length && log[end]!.content !== undefined) end++;
          expect(producer.publish()).toBe(end - before);
        } else if (what === 'release') {
          expect(reader.loadEnd()).toBe(options.start + end);
          const { records, memory } = reader;
          for (let s = reader.peekNext(); s < options.start + end; s++) {
            const content = log[s - options.start]!.content!;
            expect(records.isVoid(s)).toBe(content === null);
            const whole = log.slice(s - options.start, end).findIndex((later) => later.content === null);
            expect(records.nextVoid(s, options.start + end)).toBe(whole < 0 ? options.start + end : s + whole);
            if (content === null) continue;
            expect(records.lengthOf(s)).toBe(content.length);
            const at = records.offsetOf(s);
            expect(memory.u8.slice(at, at + content.length)).toEqual(content);
          }
          reader.release(Math.min(reader.peekNext() + bytes, options.start + end));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('a wait for room does not take back what is committed and not yet published', async () => {
  const handle = createEventRing({ capacity: 8, dataBytes: 64 });
  const producer = new EventRingProducer(handle);
  const reader = new EventRingReader(handle);
  const put = (value: number, bytes: number) => {
    expect(producer.tryClaimBytes(bytes)).toBeGreaterThanOrEqual(0);
    producer.memory.u8.fill(value, producer.claimOffset, producer.claimOffset + bytes);
    producer.commit(bytes);
  };
  put(1, 32);
  put(2, 24);
  const waiting = producer.waitForRoomAsync(1, 32);
  put(3, 8);
  reader.loadEnd();
  reader.release(1);
  await waiting;
  put(4, 8);
  producer.publish();
  for (const sequence of [2, 3]) {
    const at = reader.records.offsetOf(sequence);
    expect(reader.memory.u8[at]).toBe(sequence + 1);
  }
});
