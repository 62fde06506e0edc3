import { type Batch, type Flow, MillraceError, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  MODES,
  type Num,
  nums,
  refusal,
  rejection,
  Shared,
  start,
  until,
  WRITERS,
} from '../support/lifecycle.ts';

cleanUp();

/** Whatever is asked of a flow that has failed answers with the same error. */
async function expectAll(flow: Flow<Num, Num>, error: unknown): Promise<void> {
  expect(flow.state).toBe('failed');
  expect(await rejection(flow.ended)).toBe(error);
  expect(await rejection(flow.drain())).toBe(error);
  expect(await rejection(flow.publish({ n: 1 }))).toBe(error);
  expect(await rejection(flow.publish([]))).toBe(error);
  expect(() => flow.tryPublish({ n: 1 })).toThrow(error as Error);
  expect(await rejection(flow.settled())).toBe(error);
  if (flow.stats().items > 0) return;
  expect(await rejection(collect(flow.results()))).toBe(error);
}

describe.each(MODES)('a failing processor in the mode %s', (mode) => {
  it.each(['drain', 'stop', 'failure'])('is disposed of, and its writer, once on each thread: %s', async (how) => {
    const shared = new Shared();
    const at = how === 'failure' ? 3 : -1;
    const flow = await start({
      mode,
      process: { export: 'disposes', threads: 2, data: { at, ...shared.data } },
      write: WRITERS,
      writeOptions: { export: 'disposes', data: shared.data },
    });
    await flow.publish(nums(5));
    if (how === 'stop') await flow.stop();
    else if (how === 'drain') await flow.drain();
    else await refusal(flow.drain(), 'PROCESSOR_FAILED');
    expect(shared.read(1)).toBe(3);
  });

  it.each([
    ['throws', 'throws', 3],
    ['throws in a generator midway', 'generatorThrows', 4],
    ['rejects', 'asyncRejects', 3],
    ['rejects in an async generator', 'asyncGeneratorThrows', 4],
    ['throws in interested', 'throwsInInterested', 3],
  ])('that %s fails the flow with sequence, thread and cause', async (_, name, delivered) => {
    const flow = await start({ mode, process: { export: name, data: { at: 103, after: 0 } } });
    const reading = flow.results();
    await flow.publish(nums(10, 100));
    const error = await refusal(flow.drain(), 'PROCESSOR_FAILED');
    expect(error).toMatchObject({ sequence: 3, thread: 'processor 0' });
    expect(error.message).toContain('processor 0 failed on sequence 3: mine');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ message: 'mine', code: 'E_MINE', detail: { a: [1, 2] } });
    // What was delivered before it can still be read, and then comes the error. No item of a later sequence does.
    const read: Num[] = [];
    const reads = (async () => {
      for await (const item of reading) read.push(item);
    })();
    expect(await rejection(reads)).toBe(error);
    expect(read.length).toBeLessThanOrEqual(delivered);
    expect(read).toEqual(nums(read.length, 100).map(({ n }) => ({ n: Math.min(n, 103) })));
    expect(flow.state).toBe('failed');
    expect(await rejection(flow.publish({ n: 1 }))).toBe(error);
    expect(() => flow.tryPublish({ n: 1 })).toThrow(error);
    expect(await rejection(flow.ended)).toBe(error);
  });

  it('that throws what cannot be looked at fails the flow with sequence and thread', async () => {
    const flow = await start({ mode, process: { export: 'throwsProxy' } });
    await flow.publish(nums(1));
    const error = await refusal(flow.drain(), 'PROCESSOR_FAILED');
    expect(error).toMatchObject({ sequence: 0, thread: 'processor 0' });
    expect(error.message).toContain('what was thrown cannot be read');
  });

  it('ends every call that waits, with the same error', async () => {
    const shared = new Shared();
    const flow = await start({
      mode,
      pipeline: { capacity: 4 },
      process: { export: 'asyncGated', data: { at: 0, ...shared.data } },
      write: toRing({ capacity: 4 }),
    });
    const failing = flow.once('error', () => {});
    const waits = [
      flow.publish(nums(100)),
      flow.publish(nums(100)),
      flow.publish(silentAfter(nums(1))),
      collect(flow.results()),
      flow.settled(),
      flow.ended,
    ];
    const outcomes = Promise.all(waits.map(rejection));
    await shared.come();
    const mine = new MillraceError('THREAD_DIED', 'from the outside');
    (flow as unknown as { fail(error: unknown): void }).fail(mine);
    shared.open();
    expect(await outcomes).toEqual(waits.map(() => mine));
    expect(failing.state).toBe('failed');
    await expectAll(flow, mine);
  });

  it('passes on what is no Error as the cause', async () => {
    const flow = await start({ mode, process: { export: 'throwsText' } });
    await flow.publish({ n: 1 });
    const error = await refusal(flow.ended, 'PROCESSOR_FAILED');
    expect(error.cause).toBe('only text');
    expect(error.message).toContain('only text');
    await expectAll(flow, error);
  });

  it('that emitted some items of the event delivers none of them twice and no later ones', async () => {
    const got: number[] = [];
    const write = (batch: Iterable<Num>): void => {
      for (const { n } of batch) got.push(n);
    };
    const flow = await start({ mode, process: { export: 'throws', data: { at: 2, after: 5 } }, write });
    await flow.publish(nums(10));
    const error = await refusal(flow.ended, 'PROCESSOR_FAILED');
    expect(error.sequence).toBe(2);
    expect([0, 1, 2, 2, 2, 2, 2].slice(0, got.length)).toEqual(got);
  });

  it('an item that its codec does not take fails the flow, with the codec’s error as cause', async () => {
    const flow = await start({ mode, process: { export: 'badItem', data: { at: 1 } } });
    await flow.publish(nums(3));
    const error = await refusal(flow.ended, 'PROCESSOR_FAILED');
    expect(error.sequence).toBe(1);
    expect(error.cause).toMatchObject({ name: 'CodecError' });
  });
});

describe.each(MODES)('a failing writer in the mode %s', (mode) => {
  it.each([
    ['throws', 'throws'],
    ['rejects', 'rejects'],
  ])('module that %s fails the flow with sequence and cause', async (_, name) => {
    const shared = new Shared();
    const flow = await start({
      mode,
      process: { export: 'positive' },
      write: WRITERS,
      writeOptions: { export: name, data: { at: 4, ...shared.data } },
    });
    await flow.publish(nums(10));
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error).toMatchObject({ sequence: 4, thread: 'writer' });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'written', code: 'E_WRITTEN' });
    expect(shared.read(2)).toBe(3);
    expect(flow.published).toBeLessThanOrEqual(4);
    expect(await rejection(flow.drain())).toBe(error);
    expect(await rejection(flow.publish({ n: 1 }))).toBe(error);
  });

  it('function that throws or rejects does the same', async () => {
    const thrown = new Error('no more');
    for (const give of [
      () => {
        throw thrown;
      },
      () => Promise.reject(thrown),
    ]) {
      for (const blockBytes of [1, 64 * 1024]) {
        const got: number[] = [];
        let refused = 0;
        const write = (batch: Batch<Num>): void | Promise<void> => {
          if (batch.sequenceAt(batch.length - 1) >= 2) {
            refused = batch.sequence;
            return give();
          }
          got.push(...batch.toArray().map(({ n }) => n));
        };
        const flow = await start({ mode, write, process: { blockBytes } });
        await flow.publish(nums(10));
        const error = await refusal(flow.drain(), 'WRITER_FAILED');
        expect(error.cause).toBe(thrown);
        // The first sequence of the batch.
        expect(error).toMatchObject({ sequence: refused, thread: 'writer' });
        expect(got).toEqual([0, 1].slice(0, refused));
        if (blockBytes === 1) expect(refused).toBe(2);
      }
    }
  });

  it('whose close throws fails the drain', async () => {
    const flow = await start({ mode, write: WRITERS, writeOptions: { export: 'closeThrows' } });
    await flow.publish(nums(3));
    const error = await refusal(flow.drain(), 'WRITER_FAILED');
    expect(error.cause).toMatchObject({ code: 'E_WRITTEN' });
    expect(flow.published).toBe(3);
  });

  it('whose close never settles fails the drain, and says so', async () => {
    const given = { mode, pipeline: { startTimeoutMs: 5_000, graceMs: 20 } };
    const flow = await start({ ...given, write: WRITERS, writeOptions: { export: 'closeNeverSettles' } });
    await flow.publish(nums(3));
    const error = await refusal(flow.drain(), 'WRITER_FAILED');
    expect(error.message).toContain('the writer failed in close, after sequence 3: it has not settled after 5000 ms');
    expect(error.thread).toBe('writer');
  });

  it.each([
    ['throws', 'only text'],
    ['never', 'it has not settled after 5000 ms'],
  ])('whose dispose %s fails the drain with an error of ours', async (how, message) => {
    const given = { mode, pipeline: { startTimeoutMs: 5_000, graceMs: 20 } };
    const flow = await start({ ...given, write: WRITERS, writeOptions: { export: 'disposes', data: { how } } });
    await flow.publish(nums(3));
    const error = await refusal(flow.drain(), 'WRITER_FAILED');
    expect(error.message).toContain(`dispose of writer failed: ${message}`);
    expect(flow.published).toBe(3);
  });

  it('function that never settles does not hold up stop for longer than the grace time', async () => {
    const flow = await start({ mode, pipeline: { graceMs: 20 }, write: () => new Promise<void>(() => {}) });
    await flow.publish(nums(3));
    await until(() => flow.headOfLine()?.cause === 'ack');
    await flow.stop();
    expect(flow.state).toBe('stopped');
  });
});

describe('an error of user code that nobody catches fails the flow at once', () => {
  it.each([
    ['in a timer of a processor that has nothing else to do', 'strays', 'timer'],
    ['in a timer while an event waits', 'timerThrows', ''],
    ['a rejection that nobody handles', 'strays', 'rejection'],
    ['a rejection while an event waits', 'unhandled', ''],
  ])('%s', async (_, name, how) => {
    const flow = await start({ process: { export: name, data: { at: 3, how } }, write: () => {} });
    await flow.publish(nums(10));
    const error = await refusal(flow.ended, 'PROCESSOR_FAILED');
    expect(error.thread).toBe('processor 0');
    expect(error.message).toContain('code of processor 0 failed where nobody catches it: mine');
    expect(error.cause).toMatchObject({ message: 'mine', code: 'E_MINE', detail: { a: [1, 2] } });
    // A restart would hide what was lost.
    expect(flow.stats().restarts).toBe(0);
  });

  it('in a timer of a writer', async () => {
    const flow = await start({ write: WRITERS, writeOptions: { export: 'strays', data: { at: 3 } } });
    await flow.publish(nums(10));
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error).toMatchObject({ thread: 'writer', cause: { message: 'written', code: 'E_WRITTEN' } });
  });

  it('and not where the user’s own listeners take it', async () => {
    const shared = new Shared();
    const flow = await start({ process: { export: 'takesStrays', data: shared.data } });
    const reading = collect(flow.results());
    await flow.publish(nums(3));
    // An exception and a rejection of each event.
    await until(() => shared.read(1) === 6);
    await flow.drain();
    expect(await reading).toEqual(nums(3));
  });
});

describe('items and events that are too large', () => {
  it('an item larger than its lane fails the flow and says what to do', async () => {
    const flow = await start<Num, string>({ process: { export: 'text', laneBytes: 1024 } });
    await flow.publish([{ n: 10 }, { n: 5_000 }, { n: 1 }]);
    const error = await refusal(flow.ended, 'ITEM_TOO_LARGE');
    expect(error).toMatchObject({ sequence: 1, thread: 'processor 0' });
    const remedy =
      /an item of (\d+) bytes; a lane of 1024 bytes takes items up to \d+: give the processor laneBytes (\d+) or more/;
    const [, bytes, laneBytes] = remedy.exec(error.message) ?? [];
    expect(Number(bytes)).toBeGreaterThanOrEqual(5_000);
    // The remedy is one.
    const again = await start<Num, string>({ process: { export: 'text', laneBytes: Number(laneBytes) } });
    await again.publish([{ n: 5_000 }]);
    const [[item]] = await Promise.all([collect(again.results()), again.drain()]);
    expect(item).toHaveLength(5_000);
  });

  it('an item larger than the destination ring fails the flow and says what to do', async () => {
    const flow = await start<Num, string>({
      process: { export: 'text' },
      write: toRing({ capacity: 16, dataBytes: 1024 }),
    });
    await flow.publish([{ n: 10 }, { n: 5_000 }]);
    const error = await rejection(flow.ended);
    expect(error).toBeInstanceOf(MillraceError);
    expect(error.message).toMatch(/dataBytes/);
    expect(error.sequence).toBe(1);
  });
});

/** Gives what there is, and then neither an event nor an end. */
async function* silentAfter<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
  await new Promise(() => {});
}
