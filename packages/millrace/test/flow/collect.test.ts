/** Writers that collect: batches of several tickets and lanes, and when they are handed over. */
import { type Batch, type Codec, value } from 'millrace';
import { describe, expect, it } from 'vitest';
import { expectBatch, placesOf } from '../support/batch-check.ts';
import { cleanUp, MODES, Num, nums, start, until } from '../support/lifecycle.ts';

cleanUp();

const NEVER_MS = 10 ** 9;

/** What a writer got: the lengths of its batches, and of how many segments each was. */
class Got {
  readonly items: unknown[] = [];
  readonly lengths: number[] = [];
  readonly segments: number[] = [];

  /** Looks at a batch in every way that there is. */
  readonly check = (batch: Batch<unknown>, codec: Codec<unknown, never> = Num as never): void => {
    const items = batch.toArray();
    expectBatch(batch, codec, items, placesOf(batch));
    this.items.push(...items);
    this.lengths.push(batch.length);
    this.segments.push(batch.segments.length);
  };
}

/** All of them have arrived before the first is computed. */
async function publishAtOnce(
  flow: { pause(): void; resume(): void; publish(events: Num[]): Promise<void> },
  count: number,
): Promise<void> {
  flow.pause();
  await flow.publish(nums(count));
  flow.resume();
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each(MODES)('a writer that collects, in the mode %s', (mode) => {
  it.each([
    ['at once', { lingerMs: 1 }],
    ['late', { lingerMs: 1 }],
    ['at once', { lingerMs: 0 }],
    ['at once', { lingerMs: 1, maxItems: 10 }],
    ['late', { lingerMs: 1, maxItems: 10, maxInFlight: 4 }],
    ['late', { maxItems: 10, maxInFlight: 8 }],
  ] as const)('and answers %s, publishes all that it has taken: %o', async (how, options) => {
    const EVENTS = 20_000;
    let got = 0;
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 1_024 },
      process: { threads: 2 },
      // Quick batches are acknowledged many at once. The late ones come behind them.
      write(batch: Batch<Num>) {
        got += batch.length;
        return how === 'late' && got > EVENTS ? turn() : undefined;
      },
      writeOptions: options,
    });
    await flow.publish(nums(EVENTS));
    await until(() => flow.published === EVENTS);
    for (let n = 1; n <= 20; n++) {
      await flow.publish({ n });
      await until(
        () => flow.published === EVENTS + n,
        () => `${flow.published} in place of ${EVENTS + n}; took ${got}`,
      );
    }
    await flow.publish(nums(7));
    await flow.drain();
    expect([flow.published, got]).toEqual([EVENTS + 27, EVENTS + 27]);
  });

  it.each([0, NEVER_MS])('fills its batches over tickets and lanes, up to maxItems: lingerMs %s', async (lingerMs) => {
    const EVENTS = 6_000;
    const got = new Got();
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 8_192, ticketMs: 0.01 },
      process: { threads: 2 },
      write: (batch: Batch<unknown>) => got.check(batch),
      writeOptions: { maxItems: 250, lingerMs },
    });
    await publishAtOnce(flow, EVENTS);
    await flow.drain();
    expect(got.items).toEqual(nums(EVENTS));
    expect(Math.max(...got.lengths)).toBeLessThanOrEqual(250);
    if (lingerMs === 0) return;
    expect(got.lengths).toEqual(Array.from({ length: EVENTS / 250 }, () => 250));
    expect(Math.max(...got.segments)).toBeGreaterThan(1);
  });

  it.each(['adaptive', 'park', 'spin'] as const)(
    'hands over at its time what no other event follows, and waits by: %s',
    async (wait) => {
      const got = new Got();
      const flow = await start<Num>({
        mode,
        pipeline: { wait },
        write: (batch: Batch<unknown>) => got.check(batch),
        writeOptions: { maxItems: 1_000, lingerMs: 15 },
      });
      for (let n = 0; n < 5; n++) {
        await flow.publish({ n });
        await until(() => flow.published === n + 1);
      }
      expect(got.lengths).toEqual([1, 1, 1, 1, 1]);
      await flow.drain();
    },
  );

  it('hands over before its time where a producer waits for room, and at the end of the flow', async () => {
    const got = new Got();
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 16 },
      process: { threads: 2 },
      write: (batch: Batch<unknown>) => got.check(batch),
      writeOptions: { lingerMs: NEVER_MS },
    });
    await flow.publish(nums(500));
    await flow.publish({ n: 500 });
    const before = got.items.length;
    expect(before).toBeLessThan(501);
    await flow.drain();
    expect(got.items).toEqual(nums(501));
    expect(flow.published).toBe(501);
  });

  // Inline, a lane is so long that this does not come up.
  it.skipIf(mode === 'inline')('hands over before its time where a processor has no room in its lane', async () => {
    const got = new Got();
    const flow = await start<Num>({
      mode,
      process: { export: 'repeat', laneBytes: 4_096 },
      write: (batch: Batch<unknown>) => got.check(batch),
      writeOptions: { lingerMs: NEVER_MS },
    });
    await flow.publish({ n: 6_000 });
    // All but what the lane holds.
    await until(
      () => got.items.length >= 6_000 - 1_024,
      () => `${got.items.length} items`,
    );
    await flow.drain();
    expect(got.items).toEqual(nums(6_000));
  });

  it('keeps what it has while the flow is paused, and leaves it when the flow is stopped', async () => {
    const got = new Got();
    const flow = await start<Num>({
      mode,
      write: (batch: Batch<unknown>) => got.check(batch),
      writeOptions: { lingerMs: NEVER_MS },
    });
    const isComputed = (): boolean => mode === 'inline' || flow.stats().threads[2]!.sequences === 10;
    await flow.publish(nums(5));
    await turn();
    flow.pause();
    await flow.publish(nums(5));
    flow.resume();
    await until(isComputed);
    for (let i = 0; i < 10; i++) await turn();
    expect(got.lengths).toEqual([]);
    await flow.stop();
    expect([got.lengths, flow.published]).toEqual([[], 0]);
  });

  it('takes an event of a million items in batches of maxItems', async () => {
    let items = 0;
    let most = 0;
    const flow = await start<Num>({
      mode,
      process: { export: 'repeat', laneBytes: mode === 'inline' ? 1 << 23 : 1 << 16 },
      async write(batch: Batch<Num>) {
        most = Math.max(most, batch.length);
        expect(batch.at(0).n).toBe(items);
        items += batch.length;
        await null;
      },
      writeOptions: { maxItems: 3_000, lingerMs: 5, maxInFlight: 4 },
    });
    await flow.publish({ n: 1_000_000 });
    await flow.drain();
    expect(items).toBe(1_000_000);
    expect(most).toBeLessThanOrEqual(3_000);
    expect(flow.published).toBe(1);
  });

  it('has items of varying length as well', async () => {
    const got = new Got();
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 1_024, ticketMs: 0.01 },
      process: { export: 'text', threads: 2 },
      write: (batch: Batch<unknown>) => got.check(batch, value() as Codec<unknown, never>),
      writeOptions: { maxItems: 30, lingerMs: NEVER_MS },
    });
    await publishAtOnce(flow, 300);
    await flow.drain();
    expect(got.items).toEqual(nums(300).map(({ n }) => 'x'.repeat(n)));
    expect(got.lengths).toEqual(Array.from({ length: 10 }, () => 30));
  });
});
