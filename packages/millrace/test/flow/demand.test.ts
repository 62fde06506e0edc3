/** Writers that say how much they take, and stores that say how far they have come. */
import { describe, expect, it } from 'vitest';
import { itemsOf, REFUSING, Trouble, troubled } from '../support/failure.ts';
import { cleanUp, liveThreads, MODES, type Num, nums, refusal, start } from '../support/lifecycle.ts';

cleanUp();

const numbersOf = (count: number, items: number): number[] => itemsOf(nums(count), items).map(({ n }) => n);

describe.each(MODES)('a writer with a credit, in the mode %s', (mode) => {
  it.each([
    [1, 0, undefined],
    [5, 0, undefined],
    [10, 9, undefined],
    [10, 9, 2],
  ])('of %d items at a time never gets more than it granted (%d nacks, of item %s)', async (grant, times, item) => {
    const trouble = new Trouble(times);
    const log = new Int32Array(new SharedArrayBuffer(4 * 4096));
    const data = {
      how: 'nack',
      grant,
      log: log.buffer,
      ...(item === undefined ? {} : { nack: { item } }),
      ...trouble.data,
    };
    const flow = await start<Num>(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 20 },
        {
          mode,
          process: { threads: 2 },
          write: new URL(REFUSING),
          writeOptions: { export: 'rationed', data, onNack: { delayMs: 0 } },
        },
      ),
    );
    await flow.publish(nums(20));
    await flow.drain();
    expect([...log.subarray(1, 1 + log[0]!)]).toEqual(numbersOf(20, 20));
    expect(trouble.read(7)).toBeLessThanOrEqual(0);
    expect(trouble.read(8)).toBeLessThanOrEqual(7);
    expect(flow.stats()).toMatchObject({ items: 400, retries: times });
  });
});

interface StoreOptions {
  at?: number;
  when?: 'write' | 'written' | 'before' | 'after';
  times?: number;
  through?: boolean;
  silent?: boolean;
  stands?: [sequence: number, items: number];
  startAt?: number;
  blockBytes?: number;
}

async function stored({
  at = 7,
  times = 0,
  stands = [0, 0],
  startAt = 0,
  blockBytes = 64 * 1024,
  ...rest
}: StoreOptions) {
  const disk = new Int32Array(new SharedArrayBuffer(4 * 65_536));
  [disk[0], disk[1]] = stands;
  const data = { at, first: 30, disk: disk.buffer, ...rest, ...new Trouble(times).data };
  const trouble = new Trouble(times);
  const flow = await start<Num>(
    troubled(
      new Trouble(0),
      { how: 'exit', items: 50 },
      {
        pipeline: { startAt, restarts: { max: 20, delayMs: 0 } },
        process: { threads: 2, batchBytes: 64, blockBytes },
        write: new URL(REFUSING),
        writeOptions: { export: 'store', data: { ...data, ...trouble.data } },
      },
    ),
  );
  return { flow, disk, kept: () => [...disk.subarray(8, 8 + disk[2]!)] };
}

describe('a store', () => {
  it('commits before sequences are acknowledged, many batches at once', async () => {
    const { flow, disk, kept } = await stored({ blockBytes: 64 });
    await flow.publish(nums(30));
    await flow.settled();
    expect(disk[0]).toBe(30);
    await flow.drain();
    expect(kept()).toEqual(numbersOf(30, 50));
    expect(disk[3]).toBeLessThan(flow.stats().batches);
    expect(disk[4]).toBe(0);
  });

  it.each(['write', 'written', 'before', 'after'] as const)(
    'whose thread dies has every item once, by its own word: %s',
    async (when) => {
      const { flow, disk, kept } = await stored({ when, times: 3 });
      await flow.publish(nums(30));
      await flow.drain();
      expect(kept()).toEqual(numbersOf(30, 50));
      expect(flow.stats().restarts).toBe(3);
      expect(disk[4]).toBe(0);
      expect(liveThreads()).toBe(0);
    },
  );

  it.each([
    ['run', 64, 3],
    ['block', 64 * 1024, 1],
  ])('that writes each %s through before any commit has every item once as well', async (_, blockBytes, times) => {
    const { flow, disk, kept } = await stored({ when: 'written', times, through: true, blockBytes });
    await flow.publish(nums(30));
    await flow.drain();
    expect(kept()).toEqual(numbersOf(30, 50));
    expect(flow.stats().restarts).toBe(times);
    expect(disk[4]).toBe(0);
  });

  it.each(['write', 'before'] as const)(
    'that says nothing, and dies with what it had not committed, is given that again: %s',
    async (when) => {
      const { flow, kept } = await stored({ when, times: 3, silent: true });
      await flow.publish(nums(30));
      await flow.drain();
      expect([...new Set(kept())]).toEqual(numbersOf(30, 50));
    },
  );

  it('that stands in the middle of a sequence is given what follows', async () => {
    const { flow, kept } = await stored({ stands: [4, 33], startAt: 4 });
    await flow.publish(nums(30, 4));
    await flow.drain();
    expect(kept()).toEqual(
      itemsOf(nums(30, 4), 50)
        .map(({ n }) => n)
        .slice(33),
    );
  });

  it('that has more items of a sequence than its processor makes now fails the flow', async () => {
    const { flow } = await stored({ stands: [4, 51], startAt: 4 });
    await flow.publish(nums(30, 4));
    const error = await refusal(flow.drain(), 'PROCESSOR_FAILED');
    expect(error.message).toContain('sequence 4 had 51 items or more when it was computed first, and 50 when');
  });

  it('that stands elsewhere than the flow begins is refused, with the remedy', async () => {
    const error = await refusal(stored({ stands: [4, 33] }), 'BAD_OPTIONS');
    expect(error.message).toContain(
      "the writer's store has everything below sequence 4 and 33 items of it, and the flow delivers from sequence 0 on: " +
        'start the pipeline with startAt 4',
    );
    expect(liveThreads()).toBe(0);
  });
});

describe('a writer module is refused', () => {
  it.each([
    ['noItems', "the writer's maxItems is 0; give an integer, 1 or more"],
    [
      'noDemand',
      `the writer's demand is "some"; give 'open' or 'credit'; its commitMs is -1; give milliseconds, 0 or more`,
    ],
    [
      'badPlace',
      'init of the writer returned { sequence: 1.5, items: undefined }; return two integers from 0 on, or nothing',
    ],
  ])('%s', async (name, message) => {
    const given = { write: new URL(REFUSING), writeOptions: { export: name } };
    expect((await refusal(start(given), 'BAD_MODULE')).message).toContain(message);
  });
});
