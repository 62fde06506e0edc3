/** How long a producer waits that wants more room than its next record takes. */
import fc from 'fast-check';
import { createEventRing, EventRingProducer, EventRingReader, type FreeSpace } from 'native-free-rings';
import { describe, expect, test } from 'vitest';

const never = (): boolean => false;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Fills a ring with records of these lengths, in turns, and returns how many it took. */
function fill(ring: EventRingProducer, lengths: readonly number[]): number {
  for (let count = 0; ; count++) {
    const bytes = lengths[count % lengths.length]!;
    if ((ring.maxRecordBytes > ring.slotBytes ? ring.tryClaimBytes(bytes) : ring.tryClaim()) < 0) return count;
    ring.commit(ring.maxRecordBytes > ring.slotBytes ? bytes : 0);
  }
}

/** After how many records, released one by one, a producer of a full ring goes on; and how often it slept. */
async function releasedBefore(options: { dataBytes?: number; slotBytes?: number }, bytes: number, least: FreeSpace) {
  const handle = createEventRing({ capacity: 16, start: 2 ** 32 - 5, ...options });
  const producer = new EventRingProducer(handle);
  const reader = new EventRingReader(handle);
  const count = fill(producer, [24, 8, 40]);
  let sleeps = -1;
  const waiting = producer.waitForRoomAsync(1, bytes, never, least).then((slept) => {
    sleeps = slept;
  });
  let released = 0;
  for (const start = reader.peekNext(); released <= count; released++) {
    await turn();
    if (sleeps >= 0) break;
    reader.loadEnd();
    reader.release(start + released + 1);
  }
  await waiting;
  return { released, count, sleeps };
}

describe('a producer that waits for more than its next record', () => {
  test('is woken once, when so many records are free', async () => {
    for (const records of [2, 5, 16]) {
      const { released, sleeps } = await releasedBefore({ slotBytes: 4 }, 0, { records, bytes: 0 });
      expect(released).toBe(records);
      expect(sleeps).toBe(1);
    }
  });

  test('is woken once, when so many bytes are free, and the next record fits', async () => {
    // 24, 8 and 40 bytes in turns: 21 of them are 504 bytes, so that what is full is the index.
    const byRecords = await releasedBefore({ dataBytes: 512 }, 40, { records: 6, bytes: 0 });
    expect(byRecords).toEqual({ released: 6, count: 16, sleeps: 1 });
    const byBytes = await releasedBefore({ dataBytes: 256 }, 8, { records: 1, bytes: 100 });
    expect(byBytes).toMatchObject({ released: 4, sleeps: 1 });
    const byNext = await releasedBefore({ dataBytes: 256 }, 128, { records: 1, bytes: 0 });
    expect(byNext.sleeps).toBe(1);
    expect(byNext.released).toBeGreaterThan(4);
    const all = await releasedBefore({ dataBytes: 256 }, 1, { records: 16, bytes: 256 });
    expect(all).toMatchObject({ released: all.count, sleeps: 1 });
  });

  test('goes on when there is room, after one sleep, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 64 }), { minLength: 1, maxLength: 7 }),
        fc.nat(64),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(128),
        fc.nat(40),
        async (lengths, bytes, records, free, before) => {
          const handle = createEventRing({ capacity: 8, dataBytes: 128, start: 2 ** 31 - 9 });
          const producer = new EventRingProducer(handle);
          const reader = new EventRingReader(handle);
          for (let i = 0; i < before; i++) {
            if (producer.tryClaimBytes(lengths[i % lengths.length]!) < 0) reader.release(reader.loadEnd());
            else producer.commit(lengths[i % lengths.length]!);
            producer.publish();
          }
          fill(producer, lengths);
          let isOver = false;
          const least = { records, bytes: free };
          const waiting = producer.waitForRoomAsync(1, bytes, never, least).then((sleeps) => {
            isOver = true;
            return sleeps;
          });
          await turn();
          while (!isOver && reader.peekNext() < reader.loadEnd()) {
            reader.release(reader.peekNext() + 1);
            await turn();
          }
          expect(isOver).toBe(true);
          expect(await waiting).toBeLessThanOrEqual(1);
          expect(8 - (producer.peekNext() - reader.peekNext())).toBeGreaterThanOrEqual(records);
          let kept = 0;
          for (let s = reader.peekNext(); s < producer.peekNext(); s++) {
            kept += Math.max((reader.records.lengthOf(s) + 7) & ~7, 8);
          }
          expect(128 - kept).toBeGreaterThanOrEqual(free);
          expect(producer.tryClaimBytes(bytes)).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
