/** Events on which the user's code throws: what is delivered, tried again, or given up. */
import { type Codec, type DeadLetter, type FailureOption, value } from 'millrace';
import { describe, expect, it } from 'vitest';
import { itemsOf, Trouble, type TroubleOptions, troubled } from '../support/failure.ts';
import {
  cleanUp,
  collect,
  drained,
  liveThreads,
  MODES,
  type Mode,
  type Num,
  nums,
  refusal,
  start,
} from '../support/lifecycle.ts';

cleanUp();

const KINDS = ['default', 'late', 'generator', 'lateGenerator'] as const;
/** Struct({ n: i32 }) in batches of 64 bytes: 16 items. */
const BATCH = 16;

async function failing(mode: Mode, times: number, onError: FailureOption, given: Partial<TroubleOptions>) {
  const trouble = new Trouble(times);
  const letters: DeadLetter[] = [];
  const flow = await start<Num>(
    troubled(
      trouble,
      { how: 'throw', ...given },
      {
        mode,
        pipeline: { deadLetters: (letter) => void letters.push(letter) },
        process: { threads: 2, batchBytes: 64, onError },
      },
    ),
  );
  return { flow, trouble, letters, reading: collect(flow.results()) };
}

describe.each(MODES)('in the mode %s', (mode) => {
  describe.each(KINDS)('a processor that throws (%s)', (name) => {
    it.each([
      [1, 0],
      [10, 7],
      [200, 150],
      [200, 200],
    ])('is given the event again, and of %d items each is delivered once (after %d)', async (items, after) => {
      const onError = { attempts: 3, delayMs: 1 };
      const { flow, trouble, reading } = await failing(mode, 3, onError, { export: name, items, after });
      await flow.publish(nums(30));
      await flow.drain();
      expect(await reading).toEqual(itemsOf(nums(30), items));
      expect(trouble.read(4)).toBe(4);
      expect(flow.stats()).toMatchObject({ retries: 3, deadLetters: 0, published: 30 });
      expect(liveThreads()).toBe(0);
    });

    it.each([
      [1, 0],
      [10, 7],
      [200, 150],
    ])(
      'gives the event up: of %d items whole batches before it threw are delivered (after %d)',
      async (items, after) => {
        const onError = { attempts: 1, delayMs: 1, otherwise: 'dead-letter' } as const;
        const { flow, letters, reading } = await failing(mode, 2, onError, { export: name, items, after });
        await flow.publish(nums(30));
        await flow.drain();
        expect(letters).toHaveLength(1);
        const [letter] = letters;
        expect(letter).toMatchObject({ from: 'processor', sequence: 5, event: { n: 5 }, attempts: 2 });
        expect(letter!.cause).toMatchObject({ message: 'mine', code: 'E_MINE' });
        // Whole batches; one that is just full may be open still.
        const item = letter!.item!;
        expect(item % BATCH).toBe(0);
        expect(item).toBeLessThanOrEqual(after);
        expect(after - item).toBeLessThanOrEqual(BATCH);
        const expected = nums(30).flatMap((event) => itemsOf([event], items).slice(0, event.n === 5 ? item : items));
        expect(await reading).toEqual(expected);
        expect(flow.stats()).toMatchObject({ retries: 1, deadLetters: 1, published: 30 });
      },
    );
  });

  it('is given the event as it was published: a struct cannot be changed, and each attempt has a value of its own', async () => {
    const structs = await start<Num>({ mode, process: { export: 'changes', onError: { attempts: 2, delayMs: 0 } } });
    await structs.publish(nums(10));
    expect(await drained(structs)).toEqual(nums(10));
    expect(structs.stats().retries).toBe(10);

    // So it is where the samples of its warm-up are computed.
    const error = await refusal(start({ mode, process: { export: 'changesSample' } }), 'MODULE_FAILED');
    expect(error.message).toContain('warm-up of processor 0 failed: [READ_ONLY] field n');

    const values = await start<{ list: string[] }, string[]>({
      mode,
      pipeline: { source: value() as Codec<unknown, never> },
      process: { export: 'changesValue', onError: { attempts: 2, delayMs: 0 } },
    });
    await values.publish({ list: ['published'] });
    expect(await drained(values)).toEqual([['published', 'changed']]);
  });

  // Event 5, with others after it in its ticket, and as the last of all.
  it.each([
    [0, 30],
    [1, 30],
    [100, 30],
    [0, 6],
    [100, 6],
  ])(
    'that makes fewer items at its second attempt than were delivered fails the flow: %d, of %d events',
    async (again, events) => {
      const { flow, reading } = await failing(mode, 0, 'retry', { export: 'fewer', items: 200, again });
      reading.catch(() => {});
      await flow.publish(nums(events));
      const error = await refusal(flow.drain(), 'PROCESSOR_FAILED');
      expect(error).toMatchObject({ sequence: 5 });
      expect(error.message).toContain(`and ${again} when it was computed again`);
    },
  );

  it('takes `interested` that throws for a failure of that event: it is tried again, and given up', async () => {
    const letters: DeadLetter[] = [];
    const flow = await start<Num>({
      mode,
      pipeline: { deadLetters: (letter) => void letters.push(letter) },
      process: {
        export: 'throwsInInterested',
        data: { at: 3 },
        onError: { attempts: 2, delayMs: 0, otherwise: 'dead-letter' },
      },
    });
    await flow.publish(nums(6));
    expect(await drained(flow)).toEqual(nums(6).filter(({ n }) => n !== 3));
    expect(letters).toMatchObject([{ from: 'processor', sequence: 3, item: 0, event: { n: 3 }, attempts: 3 }]);
    expect(flow.stats()).toMatchObject({ retries: 2, deadLetters: 1, published: 6 });
  });

  it('hands over one dead letter at a time from each thread, and publishes its sequence when that is taken', async () => {
    const threads = 3;
    const open = new Set<number>();
    let most = 0;
    const early: number[] = [];
    const flow = await start<Num>({
      mode,
      pipeline: {
        async deadLetters({ sequence }) {
          open.add(sequence);
          most = Math.max(most, open.size);
          await new Promise((resolve) => setTimeout(resolve, 1));
          if (flow.published > sequence) early.push(sequence);
          open.delete(sequence);
        },
      },
      process: { export: 'throwsText', threads, onError: 'dead-letter' },
      write: () => {},
    });
    await flow.publish(nums(40));
    await flow.drain();
    expect(flow.stats()).toMatchObject({ deadLetters: 40, published: 40, items: 0 });
    expect(most).toBeLessThanOrEqual(threads);
    expect(early).toEqual([]);
  });

  it('fails the flow at once by default, and after so many attempts', async () => {
    const once = await failing(mode, 1, 'stop', {});
    once.reading.catch(() => {});
    await once.flow.publish(nums(10));
    expect(await refusal(once.flow.ended, 'PROCESSOR_FAILED')).toMatchObject({ sequence: 5 });
    expect(once.trouble.read(4)).toBe(1);

    const often = await failing(mode, 1e6, { attempts: 2, delayMs: 1 }, {});
    often.reading.catch(() => {});
    await often.flow.publish(nums(10));
    expect(await refusal(often.flow.ended, 'PROCESSOR_FAILED')).toMatchObject({ sequence: 5 });
    expect(often.trouble.read(4)).toBe(3);
  });
});

it('what Millrace itself refuses is not tried again', async () => {
  const trouble = new Trouble(0);
  const letters: DeadLetter[] = [];
  const onError = { attempts: 5, delayMs: 1, otherwise: 'dead-letter' } as const;
  const given = troubled(
    trouble,
    { how: 'throw', export: 'tooLarge' },
    {
      pipeline: { deadLetters: (letter) => void letters.push(letter) },
    },
  );
  const flow = await start<Num, unknown>({ ...given, process: { ...given.process, laneBytes: 4096, onError } });
  const reading = collect(flow.results());
  await flow.publish(nums(10));
  await flow.drain();
  expect(await reading).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
  expect(letters).toMatchObject([{ sequence: 5, item: 0, attempts: 1, cause: { code: 'ITEM_TOO_LARGE' } }]);
  expect(trouble.read(4)).toBe(1);
  expect(flow.stats()).toMatchObject({ retries: 0, deadLetters: 1 });
});
