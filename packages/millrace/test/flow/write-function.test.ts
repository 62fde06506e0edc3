/** A writer that is a function on the flow's thread. */
import { describe, expect, it } from 'vitest';
import { cleanUp, MODES, type Num, nums, refusal, start, WRITERS } from '../support/lifecycle.ts';

cleanUp();

describe.each(MODES)('a writer function in the mode %s', (mode) => {
  it('that keeps items back gets `close` after its last batch, and drain waits for it', async () => {
    const kept: number[] = [];
    let stored: number[] = [];
    const flow = await start<Num>({
      mode,
      write: (batch: Iterable<Num>) => {
        for (const { n } of batch) kept.push(n);
      },
      writeOptions: {
        async close() {
          await new Promise((resolve) => setTimeout(resolve, 5));
          stored = kept.splice(0);
        },
      } as never,
    });
    await flow.publish(nums(100));
    await flow.settled();
    expect(stored).toEqual([]);
    await flow.drain();
    expect(stored).toEqual(nums(100).map(({ n }) => n));
  });

  it('whose close throws fails the flow; one that waits for the flow is told so', async () => {
    const close = () => {
      throw new Error('mine');
    };
    const throwing = await start<Num>({ mode, write: () => {}, writeOptions: { close } as never });
    expect((await refusal(throwing.drain(), 'WRITER_FAILED')).cause).toMatchObject({ message: 'mine' });
    const flow = await start<Num>({ mode, write: () => {}, writeOptions: { close: () => flow.drain() } as never });
    expect((await refusal(flow.drain(), 'WRITER_FAILED')).cause).toMatchObject({ code: 'WAITS_FOR_ITSELF' });
  });

  it('is not closed where the flow is stopped, or fails', async () => {
    let closed = 0;
    const given = { mode, write: () => {}, writeOptions: { close: () => closed++ } as never };
    const stopped = await start<Num>(given);
    await stopped.publish(nums(3));
    await stopped.stop();
    const failed = await start<Num>({ ...given, process: { export: 'throwsText' } });
    await failed.publish(nums(3));
    await refusal(failed.drain(), 'PROCESSOR_FAILED');
    expect(closed).toBe(0);
  });

  it.each(['length', 'bytes', 'sequence', 'first', 'last'])('that assigns `%s` of a batch is told so', async (name) => {
    for (const isAsync of [false, true]) {
      const write = (batch: Record<string, unknown>): void => {
        batch[name] = 0;
      };
      const flow = await start<Num>({ mode, write: (isAsync ? async (batch: never) => write(batch) : write) as never });
      const published = flow.publish(nums(3));
      const { cause } = await refusal(flow.drain(), 'WRITER_FAILED');
      await published.catch(() => {});
      expect(String(cause)).toMatch(new RegExp(`TypeError: Cannot set property ${name} of .* which has only a getter`));
    }
  });

  it('takes an event of more than a lane, also where it is async', async () => {
    let items = 0;
    const flow = await start<Num>({
      mode,
      process: { export: 'repeat' },
      async write(batch: { length: number }) {
        await null;
        items += batch.length;
      },
    });
    await flow.publish({ n: 20_000_000 });
    await flow.drain();
    expect(items).toBe(20_000_000);
  });
});

it('takes an event of 100,000,000 items; in the inline mode from a lane that holds them', {
  timeout: 120_000,
}, async () => {
  let items = 0;
  const write = async (batch: { length: number }): Promise<void> => {
    await null;
    items += batch.length;
  };
  const given = { process: { export: 'repeat' }, write };
  for (const [mode, laneBytes] of [
    ['threads', 1 << 20],
    ['inline', 1 << 29],
  ] as const) {
    items = 0;
    const flow = await start<Num>({ ...given, mode, process: { ...given.process, laneBytes } });
    await flow.publish({ n: 100_000_000 });
    await flow.drain();
    expect(items).toBe(100_000_000);
  }
  const refused = await start<Num>({ ...given, mode: 'inline' });
  await refused.publish({ n: 100_000_000 });
  expect((await refusal(refused.drain(), 'ITEM_TOO_LARGE')).message).toContain('raise laneBytes');
});

it('close is refused where the writer is a module, which has its own', async () => {
  await refusal(start({ write: WRITERS, writeOptions: { close() {} } as never }), 'BAD_OPTIONS');
});
