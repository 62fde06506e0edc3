/** Batches that their destination refuses: the head waits, the order stays, and the policy says how it ends. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Batch, type DeadLetter, type FailureOption, Nack, type NackOptions } from 'millrace';
import { describe, expect, it } from 'vitest';
import { itemsOf, REFUSING, Trouble, troubled } from '../support/failure.ts';
import { cleanUp, liveThreads, type Mode, type Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

type Kind = 'function' | 'module';
const KINDS: [Kind, Mode][] = [
  ['function', 'threads'],
  ['module', 'threads'],
  ['function', 'inline'],
  ['module', 'inline'],
];
const HOW = ['default', 'late'] as const;

interface Refusing {
  kind: Kind;
  mode: Mode;
  export?: (typeof HOW)[number];
  /** How often there is a Nack: in all, or (`every`) of every batch. */
  times?: number;
  every?: number;
  at?: number;
  first?: number;
  nack?: NackOptions;
  onNack?: FailureOption;
  items?: number;
  batchBytes?: number;
  blockBytes?: number;
}

/** A block has one run: a batch is of one sequence. */
const ONE_RUN = 1;

/** A flow whose destination refuses, what it was given up of, and what it took. */
async function refusing({
  kind,
  mode,
  export: name = 'default',
  times = 0,
  onNack,
  items = 1,
  batchBytes = 64 * 1024,
  blockBytes = 64 * 1024,
  ...rest
}: Refusing) {
  const trouble = new Trouble(times);
  const processing = new Trouble(0);
  const log = new Int32Array(new SharedArrayBuffer(4 * 65_536));
  const data = { how: 'nack', log: log.buffer, ...rest, ...trouble.data };
  const letters: DeadLetter[] = [];
  const module = (await import(REFUSING))[name];
  if (kind === 'function') module.init({ data });
  const write = kind === 'module' ? new URL(REFUSING) : (batch: Batch<never>) => module.write(batch);
  const options = onNack === undefined ? {} : { onNack };
  const flow = await start<Num>(
    troubled(
      processing,
      { how: 'exit', items, at: rest.at ?? 5 },
      {
        mode,
        pipeline: { deadLetters: (letter) => void letters.push(letter) },
        process: { threads: 2, batchBytes, blockBytes },
        write,
        writeOptions: kind === 'module' ? { export: name, data, ...options } : options,
      },
    ),
  );
  const taken = (): number[] => [...log.subarray(1, 1 + log[0]!)];
  return { flow, trouble, processing, letters, taken };
}

const numbersOf = (events: readonly Num[], items: number): number[] => itemsOf(events, items).map(({ n }) => n);

describe.each(KINDS)('a writer that is a %s, in the mode %s', (kind, mode) => {
  describe.each(HOW)('and nacks (%s)', (name) => {
    const given = { kind, mode, export: name };

    it('is given the same batch again, and nothing that follows it before', async () => {
      const { flow, taken } = await refusing({ ...given, times: 6, at: 5, onNack: { delayMs: 1 }, items: 3 });
      await flow.publish(nums(30));
      await flow.drain();
      expect(taken()).toEqual(numbersOf(nums(30), 3));
      expect(flow.stats()).toMatchObject({ retries: 6, deadLetters: 0, items: 90, published: 30 });
      expect(liveThreads()).toBe(0);
    });

    it.each([
      ['run', ONE_RUN],
      ['block', undefined],
    ])('every %s three times', async (what, blockBytes) => {
      const { flow, taken, trouble } = await refusing({
        ...given,
        every: 3,
        onNack: { delayMs: 0 },
        items: 40,
        batchBytes: 64,
        ...(blockBytes === undefined ? {} : { blockBytes }),
      });
      await flow.publish(nums(50));
      await flow.drain();
      expect(taken()).toEqual(numbersOf(nums(50), 40));
      expect(flow.stats().retries).toBe((trouble.read(4) / 4) * 3);
      if (what === 'run') expect(flow.stats().retries).toBeGreaterThanOrEqual(3 * 50 * 3);
    });

    it('for good fails the flow after so many attempts', async () => {
      const { flow, taken, trouble } = await refusing({
        ...given,
        times: 1e6,
        at: 5,
        onNack: { attempts: 3, delayMs: 1 },
        blockBytes: ONE_RUN,
      });
      await flow.publish(nums(30));
      const error = await refusal(flow.ended, 'WRITER_FAILED');
      expect(error).toMatchObject({ sequence: 5, thread: 'writer', cause: { message: 'busy', code: 'E_BUSY' } });
      expect(taken()).toEqual(numbersOf(nums(5), 1));
      expect(trouble.read(1)).toBe(4);
      expect(flow.published).toBe(5);
      expect(liveThreads()).toBe(0);
    });

    it('for good becomes a dead letter after so many attempts, where the policy says that', async () => {
      const onNack = { attempts: 2, delayMs: 1, otherwise: 'dead-letter' } as const;
      const { flow, taken, letters } = await refusing({
        ...given,
        times: 3,
        at: 5,
        onNack,
        items: 3,
        blockBytes: ONE_RUN,
      });
      await flow.publish(nums(30));
      await flow.drain();
      expect(taken()).toEqual(
        numbersOf(
          nums(30).filter(({ n }) => n !== 5),
          3,
        ),
      );
      expect(letters).toMatchObject([
        { from: 'writer', sequence: 5, item: 0, items: itemsOf([{ n: 5 }], 3), attempts: 3 },
      ]);
      expect(letters[0]!.cause).toMatchObject({ message: 'busy', code: 'E_BUSY' });
      expect(flow.stats()).toMatchObject({ retries: 2, deadLetters: 3, items: 87, published: 30 });
    });

    it('says itself what is to be done', async () => {
      const one = { ...given, at: 5, blockBytes: ONE_RUN };
      const first = await refusing({ ...one, times: 1, nack: { action: 'dead-letter' } });
      await first.flow.publish(nums(10));
      await first.flow.drain();
      expect(first.taken()).toEqual(
        numbersOf(
          nums(10).filter(({ n }) => n !== 5),
          1,
        ),
      );
      expect(first.letters).toMatchObject([{ sequence: 5, item: 0, attempts: 1 }]);

      const second = await refusing({ ...one, times: 1, nack: { action: 'stop' } });
      await second.flow.publish(nums(10));
      expect(await refusal(second.flow.ended, 'WRITER_FAILED')).toMatchObject({ sequence: 5 });

      // The pause that the policy says would outlast the test.
      const third = await refusing({
        ...given,
        times: 5,
        at: 5,
        nack: { delayMs: 0 },
        onNack: { delayMs: 1e7, maxDelayMs: 1e7 },
      });
      await third.flow.publish(nums(10));
      await third.flow.drain();
      expect(third.taken()).toEqual(numbersOf(nums(10), 1));
    });

    it('one item: those in front of it were taken, it and those behind it come again', async () => {
      const { flow, taken } = await refusing({
        ...given,
        times: 3,
        at: 5,
        nack: { item: 2 },
        onNack: { delayMs: 1 },
        items: 10,
      });
      await flow.publish(nums(10));
      await flow.drain();
      expect(taken()).toEqual(numbersOf(nums(10), 10));
      expect(flow.stats()).toMatchObject({ retries: 3, items: 100 });
    });

    it('gives one item up in the middle of a batch', async () => {
      const { flow, taken, letters } = await refusing({
        ...given,
        times: 1,
        at: 5,
        nack: { item: 3, action: 'dead-letter' },
        items: 10,
      });
      await flow.publish(nums(10));
      await flow.drain();
      expect(taken()).toEqual(numbersOf(nums(10), 10).filter((n) => n !== 5003));
      expect(letters).toMatchObject([{ sequence: 5, item: 3, items: [{ n: 5003 }], attempts: 1 }]);
      expect(flow.stats()).toMatchObject({ deadLetters: 1, items: 99, published: 10 });
    });

    it('has the sequence computed again, and is given exactly what is missing', async () => {
      const { flow, taken, processing } = await refusing({
        ...given,
        times: 2,
        at: 5,
        first: 100,
        nack: { item: 2, action: 'recompute' },
        items: 200,
        batchBytes: 64,
      });
      await flow.publish(nums(30));
      await flow.drain();
      expect(taken()).toEqual(numbersOf(nums(30), 200));
      expect(processing.read(4)).toBeGreaterThanOrEqual(3);
      expect(flow.stats()).toMatchObject({ retries: 2, restarts: 0, items: 6000, published: 30 });
      expect(liveThreads()).toBe(0);
    });
  });
});

describe('a Nack', () => {
  it('has a processor that had ended compute again', async () => {
    const got: number[] = [];
    let isRefused = false;
    const flow = await start<Num>(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 3 },
        {
          process: { threads: 2 },
          write: (async (batch: Batch<Num>) => {
            if (batch.runSequence(batch.runs - 1) >= 20 && !isRefused) {
              isRefused = true;
              // Only the coordinator is left: both processors have computed everything.
              await until(() => liveThreads() === 1);
              throw new Nack('again', { action: 'recompute' });
            }
            for (const { n } of batch) got.push(n);
          }) as never,
        },
      ),
    );
    await flow.publish(nums(30));
    await flow.drain();
    expect(got).toEqual(numbersOf(nums(30), 3));
    expect(liveThreads()).toBe(0);
  });

  it('pauses longer from attempt to attempt', async () => {
    const at: number[] = [];
    const flow = await start<Num>({
      write: () => {
        at.push(performance.now());
        if (at.length <= 4) throw new Nack('busy');
      },
      writeOptions: { onNack: { delayMs: 20, factor: 3, maxDelayMs: 100, jitter: 0 } },
    });
    await flow.publish({ n: 1 });
    await flow.drain();
    const pauses = at.slice(1).map((time, i) => time - at[i]!);
    // Timers may be early by a part of a millisecond, and late by anything.
    for (const [i, least] of [20, 60, 100, 100].entries()) expect(pauses[i]).toBeGreaterThanOrEqual(least - 2);
  });

  it('without end leaves nothing behind in memory, and the thread serves its event loop', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const heap: number[] = [];
    let attempts = 0;
    const flow = await start<Num>({
      write: () => {
        attempts++;
        if (attempts % 10_000 === 0) {
          gc();
          heap.push(process.memoryUsage().heapUsed);
        }
        throw new Nack('never');
      },
      writeOptions: { onNack: { attempts: Number.POSITIVE_INFINITY, delayMs: 0 } },
    });
    await flow.publish({ n: 1 });
    await until(() => heap.length >= 4);
    expect(heap[3]! - heap[1]!).toBeLessThan(2_000_000);
    await flow.stop();
    expect(flow.stats().retries).toBeGreaterThanOrEqual(40_000 - 1);
    expect(flow.published).toBe(0);
  });

  it('of an item that the batch does not have fails the flow', async () => {
    const flow = await start<Num>({
      write: () => {
        throw new Nack('busy', { item: 7 });
      },
    });
    await flow.publish({ n: 1 });
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error.message).toContain('a Nack of item 7 of a batch of 1: give its index within the batch');
  });

  it.each([
    [{ item: -1 }, 'item -1; give the index of an item within the batch'],
    [{ item: 0.5 }, 'item 0.5; give the index of an item within the batch'],
    [{ action: 'again' }, `action "again"; give 'retry', 'recompute', 'dead-letter', 'stop'`],
    [{ delayMs: -1 }, 'delayMs -1; give milliseconds, 0 or more'],
    [{ delayMs: Number.NaN }, 'delayMs NaN; give milliseconds, 0 or more'],
  ])('refuses %o', (options, message) => {
    expect(() => new Nack('busy', options as NackOptions)).toThrow(`[BAD_OPTIONS] a Nack with ${message}`);
  });

  it('that is refused itself names the sequence', async () => {
    const flow = await start<Num>({
      write: () => {
        throw new Nack('busy', { item: -1 });
      },
    });
    await flow.publish({ n: 1 });
    const error = await refusal(flow.ended, 'BAD_OPTIONS');
    expect(error).toMatchObject({ sequence: 0, thread: 'writer' });
  });

  it('that gives items up needs somebody who takes them', async () => {
    const flow = await start<Num>({
      write: () => {
        throw new Nack('busy', { action: 'dead-letter' });
      },
    });
    await flow.publish({ n: 1 });
    const error = await refusal(flow.ended, 'BAD_OPTIONS');
    expect(error.message).toContain('a Nack gives items of sequence 0 up: give the pipeline `deadLetters`');
  });

  it.each(KINDS)('fails the flow when whoever takes dead letters throws (%s, %s)', async (kind, mode) => {
    const { flow, letters } = await refusing({ kind, mode, times: 1, at: 5, nack: { action: 'dead-letter' } });
    letters.push = () => {
      throw new Error('no room for letters');
    };
    await flow.publish(nums(10));
    const error = await flow.ended.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toContain('no room for letters');
    expect(flow.published).toBeLessThanOrEqual(5);
  });
});
