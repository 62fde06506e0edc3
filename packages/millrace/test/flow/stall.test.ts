/** A head of line that does not move is told, and a flow that is stuck can still be stopped. */
import { type Flow, type HeadOfLine, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import { REFUSING, Trouble, troubled } from '../support/failure.ts';
import { cleanUp, liveThreads, MODES, type Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

describe.each(MODES)('in the mode %s', (mode) => {
  it.each([
    ['run', 1],
    ['block', 64 * 1024],
  ])('a writer that never acknowledges a %s is told again and again, and stop ends it', async (what, blockBytes) => {
    const trouble = new Trouble(1);
    const heads: HeadOfLine[] = [];
    const flow = await start<Num>(
      troubled(
        new Trouble(0),
        { how: 'exit' },
        {
          mode,
          pipeline: { stallMs: 20, graceMs: 100 },
          process: { blockBytes },
          write: new URL(REFUSING),
          writeOptions: { data: { how: 'never', at: 50, ...trouble.data } },
        },
      ),
    );
    flow.on('stall', (head) => heads.push(head));
    // Quick batches are acknowledged rarely: those in front of the one that waits are acknowledged all the same.
    await flow.publish(nums(60));
    await trouble.come();
    await until(
      () => heads.filter(({ sequence }) => sequence === flow.published).length >= 3,
      () => `three alarms at sequence ${flow.published}; they were at ${JSON.stringify(heads.at(-1))}`,
    );
    const { published } = flow;
    expect(heads.at(-1)).toMatchObject({ sequence: published, thread: 'writer', cause: 'ack' });
    expect(flow.stats().stalls).toBe(heads.length);
    // A block is acknowledged as a whole.
    if (what === 'run') expect(published).toBe(50);
    else expect(published).toBeLessThanOrEqual(50);
    await flow.stop();
    expect(flow.state).toBe('stopped');
    const told = heads.length;
    expect(liveThreads()).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(heads).toHaveLength(told);
  });
});

it('a writer that is stuck in its own code is told, and terminated by stop', async () => {
  const trouble = new Trouble(1);
  const heads: HeadOfLine[] = [];
  const flow = await start<Num>(
    troubled(
      new Trouble(0),
      { how: 'exit' },
      {
        pipeline: { stallMs: 20, graceMs: 100 },
        write: new URL(REFUSING),
        writeOptions: { data: { how: 'loop', at: 5, ...trouble.data } },
      },
    ),
  );
  flow.on('stall', (head) => heads.push(head));
  await flow.publish(nums(30));
  await until(() => heads.some(({ thread }) => thread === 'writer'));
  await flow.stop();
  expect(liveThreads()).toBe(0);
});

it('the process is warned, once for each head, where nobody listens: who waits for what, and what to do', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const flow = await start<Num>({ pipeline: { stallMs: 15, name: 'quotes' }, write: toRing({ capacity: 8 }) });
  await flow.publish(nums(40));
  await until(() => flow.stats().stalls >= 4);
  await flow.stop();
  process.off('warning', note);
  // A loaded machine may have been slow before.
  const unread = warnings.filter(({ message }) => message.includes('nobody reads it'));
  expect(unread).toHaveLength(1);
  expect(unread[0]).toMatchObject({ name: 'MillraceWarning', code: 'MILLRACE_STALL' });
  expect(unread[0]!.message).toMatch(
    /^the flow "quotes" has waited for sequence \d+ for .* nobody reads it: read flow.results/,
  );
});

describe.each(MODES)('a wait for oneself is refused at once in the mode %s', (mode) => {
  it.each(['drain', 'settled'] as const)('%s inside a writer function', async (call) => {
    const flow: Flow<Num, Num> = await start<Num>({ mode, write: async (): Promise<void> => await flow[call]() });
    await flow.publish(nums(1));
    expect((await refusal(flow.ended, 'WRITER_FAILED')).cause).toMatchObject({ code: 'WAITS_FOR_ITSELF' });
  });

  it('and one that nobody of the flow awaits is not', async () => {
    let draining: Promise<void> | undefined;
    const flow = await start<Num>({
      mode,
      write: () => {
        draining ??= flow.drain();
      },
    });
    await flow.publish(nums(1));
    await flow.ended;
    await draining;
  });
});

it('a flow that is idle does not stall, nor one whose alarm is off', async () => {
  for (const stallMs of [5, 0]) {
    const flow = await start({ pipeline: { stallMs } });
    await flow.publish(nums(3));
    await flow.settled();
    const before = flow.stats().stalls;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(flow.stats().stalls).toBe(before);
    await flow.stop();
  }
});
