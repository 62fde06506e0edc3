/** What a function is given beside it, and which options of batches go together. */
import { type Batch, Nack, toRing, type WriterContext } from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, fixture, MODES, type Num, nums, refusal, start, until, WRITERS } from '../support/lifecycle.ts';

cleanUp();

describe.each(MODES)('a function in the mode %s', (mode) => {
  it('is given what its store has not, and commits before anything is published', async () => {
    const stored: number[] = nums(4).map(({ n }) => n);
    let gathered: number[] = [];
    const places: number[] = [];
    const flow = await start<Num>({
      mode,
      pipeline: { startAt: 4 },
      write(batch: Batch<Num>) {
        for (const { n } of batch) gathered.push(n);
      },
      writeOptions: {
        commitItems: 10,
        init: (context) => {
          expect(context).toMatchObject({ startAt: 4, data: undefined });
          return { sequence: 4, items: 0 };
        },
        commit({ sequence }) {
          expect(flow.published).toBeLessThanOrEqual(sequence);
          stored.push(...gathered);
          gathered = [];
          places.push(sequence);
        },
      },
    });
    await flow.publish(nums(50, 4));
    await flow.settled();
    expect(stored).toEqual(nums(54).map(({ n }) => n));
    await flow.drain();
    expect(places.at(-1)).toBe(54);
  });

  it('takes by credit, from readyAt on, with several in flight; what is refused is granted still', async () => {
    let context: WriterContext | undefined;
    let granted = 0;
    let out = 0;
    let refusals = 0;
    const got: number[] = [];
    const grant = (n: number): void => {
      granted += n;
      context!.ready(n);
    };
    const flow = await start<Num>({
      mode,
      process: { threads: 2 },
      async write(batch: Batch<Num>) {
        const { length, sequence } = batch;
        const isAgain = refusals > 0 && sequence === 30 && !got.includes(30);
        if (!isAgain) expect(granted - out).toBeGreaterThanOrEqual(20);
        out += length;
        expect(out).toBeLessThanOrEqual(granted);
        await new Promise((resolve) => setTimeout(resolve, sequence % 3));
        if (sequence <= 30 && 30 < sequence + length && refusals++ === 0) {
          out -= length;
          throw new Nack('busy', { delayMs: 0 });
        }
        for (const { n } of batch) got.push(n);
        grant(length);
      },
      writeOptions: {
        demand: 'credit',
        readyAt: 20,
        maxInFlight: 4,
        maxItems: 10,
        init(given) {
          context = given;
          grant(29);
        },
      },
    });
    await flow.publish(nums(200));
    await flow.settled();
    expect(got.toSorted((a, b) => a - b)).toEqual(nums(200).map(({ n }) => n));
    expect(refusals).toBe(2);
    await flow.drain();
  });

  it('writes nothing before readyAt is granted', async () => {
    let context: WriterContext | undefined;
    let got = 0;
    const flow = await start<Num>({
      mode,
      write(batch: Batch<Num>) {
        got += batch.length;
      },
      writeOptions: {
        demand: 'credit',
        readyAt: 20,
        init(given) {
          context = given;
          given.ready(19);
        },
      },
    });
    await flow.publish(nums(50));
    await until(() => flow.headOfLine()?.cause === 'demand');
    expect(got).toBe(0);
    context!.ready(1);
    // At 19 there are fewer than it wants again.
    await until(() => got > 0);
    context!.ready(100);
    await flow.settled();
    expect(got).toBe(50);
  });

  it('whose dispose waits for the flow is told so', async () => {
    const flow = await start<Num>({
      mode,
      write: () => {},
      writeOptions: { dispose: (): Promise<void> => flow.drain() },
    });
    await flow.publish(nums(3));
    const { cause } = await refusal(flow.drain(), 'WRITER_FAILED');
    expect(cause).toMatchObject({ code: 'WAITS_FOR_ITSELF' });
  });

  it.each(['drain', 'stop', 'failure'])('is disposed of once, and closed only after a drain: %s', async (end) => {
    const calls: string[] = [];
    const flow = await start<Num>({
      mode,
      async write() {
        await null;
        if (end === 'failure') throw new Error('mine');
      },
      writeOptions: {
        maxInFlight: 4,
        init: async () => void calls.push('init'),
        close: () => void calls.push('close'),
        dispose: async () => void calls.push('dispose'),
      },
    });
    await flow.publish(nums(20));
    if (end === 'stop') await flow.stop();
    else if (end === 'drain') await flow.drain();
    else await refusal(flow.drain(), 'WRITER_FAILED');
    await flow.stop();
    expect(calls).toEqual(end === 'drain' ? ['init', 'close', 'dispose'] : ['init', 'dispose']);
  });

  it('whose init or commit throws fails the flow, with others in flight', async () => {
    const failing = start<Num>({
      mode,
      write() {},
      writeOptions: {
        init() {
          throw new Error('mine');
        },
      },
    });
    expect((await refusal(failing, 'MODULE_FAILED')).message).toContain('init of writer failed: mine');
    let commits = 0;
    const flow = await start<Num>({
      mode,
      write: () => new Promise((resolve) => setTimeout(resolve, 1)),
      writeOptions: {
        maxInFlight: 4,
        maxItems: 2,
        commitMs: 0,
        commit() {
          if (++commits === 2) throw new Error('mine');
        },
      },
    });
    const publishing = refusal(flow.publish(nums(500)), 'WRITER_FAILED');
    expect((await refusal(flow.ended, 'WRITER_FAILED')).message).toContain('failed in commit, after sequence');
    await publishing;
    expect(commits).toBe(2);
  });

  it('that commits is told what to do where it has something computed again behind which it took more', async () => {
    const flow = await start<Num>({
      mode,
      async write({ sequence }: Batch<Num>) {
        await new Promise((resolve) => setTimeout(resolve, sequence === 4 ? 20 : 0));
        if (sequence === 4) throw new Nack('wrong', { action: 'recompute' });
      },
      writeOptions: { maxInFlight: 4, maxItems: 1, commit() {} },
    });
    await flow.publish(nums(20));
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error.message).toContain("says 'recompute', and the store has batches behind it");
    expect(error.message).toContain("use 'retry', or leave maxInFlight at 1");
  });
});

describe('options of batches are refused', () => {
  it.each([
    [{ maxInFlight: 0 }, 'write.maxInFlight is 0; give an integer from 1 to 1024'],
    [{ maxInFlight: 1.5 }, 'write.maxInFlight is 1.5; give an integer'],
    [{ maxInFlight: 1_025 }, 'write.maxInFlight is 1025; give an integer from 1 to 1024'],
    [{ maxInFlight: Number.NaN }, 'write.maxInFlight is NaN; give an integer'],
    [{ maxInFlight: '8' }, 'write.maxInFlight is "8"; give an integer'],
    [{ maxItems: Number.POSITIVE_INFINITY }, 'write.maxItems is Infinity; give an integer from 1 to'],
    [{ lingerMs: -1 }, 'write.lingerMs is -1; give milliseconds, from 0 to 2147483647'],
    [{ batches: 'all' }, `write.batches is "all"; give 'block' or 'sequence'`],
    [{ demand: 'some' }, `write.demand is "some"; give 'open' or 'credit'`],
    [{ init: 5 }, 'write.init is 5; give a function'],
    [{ readyAt: 5 }, "write.readyAt is for a writer with demand: 'credit': add that, or leave readyAt out"],
    [
      { lingerMs: 5, batches: 'sequence' },
      "write.lingerMs collects the items of many sequences, and batches: 'sequence' wants one: leave one of them out",
    ],
  ])('of a function: %o', async (options, message) => {
    const error = await refusal(start({ write() {}, writeOptions: options as never }), 'BAD_OPTIONS');
    expect(error.message).toContain(message);
  });

  it.each(['batches', 'maxItems', 'lingerMs', 'maxInFlight', 'readyAt'])(
    'of a ring, which takes none: %s',
    async (name) => {
      const writeOptions = { [name]: name === 'batches' ? 'block' : 5 };
      const error = await refusal(start({ write: toRing(), writeOptions }), 'BAD_OPTIONS');
      expect(error.message).toContain(
        `write.${name} is for a writer that is a module or a function, and toRing is neither`,
      );
    },
  );

  it.each(['init', 'commit', 'close', 'dispose', 'demand'])('of a module, which has its own: %s', async (name) => {
    const writeOptions = { [name]: name === 'demand' ? 'credit' : () => {} };
    const error = await refusal(start({ write: WRITERS, writeOptions }), 'BAD_OPTIONS');
    expect(error.message).toContain(`write.${name} is for a writer that is a function: a module has its own`);
  });

  it('of a module: what does not go together, and what its demand does not have', async () => {
    const both = await refusal(
      start({ write: WRITERS, writeOptions: { lingerMs: 5, batches: 'sequence' } }),
      'BAD_OPTIONS',
    );
    expect(both.message).toContain('write.lingerMs collects the items of many sequences');
    const open = await refusal(start({ write: WRITERS, writeOptions: { readyAt: 5 } }), 'BAD_MODULE');
    expect(open.message).toContain("readyAt is for a writer with demand: 'credit': add that, or leave readyAt out");
    const [words, log, taken] = [64, 64, 64].map((bytes) => new SharedArrayBuffer(bytes));
    const writeOptions = { lingerMs: 5, data: { words, log, taken } };
    const own = { write: fixture('flight-writers.mjs', ''), writeOptions };
    expect((await refusal(start(own), 'BAD_MODULE')).message).toContain("batches: 'sequence' wants one");
  });
});
