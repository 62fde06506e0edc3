import { shutdown, shutdownOn } from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, collect, MODES, type Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

describe.each(MODES)('a flow in the mode %s', (mode) => {
  it('rests while it is paused, takes events meanwhile, and goes on', async () => {
    const flow = await start({ mode });
    const reading = collect(flow.results());
    await flow.publish(nums(5));
    await flow.settled();
    flow.pause();
    expect(flow.paused).toBe(true);
    await flow.publish(nums(3));
    // Nothing moves: whoever was awake shows that it rests.
    if (mode === 'threads') {
      await until(() => flow.stats().threads.every(({ waiting }) => waiting !== 'none'));
      expect(flow.headOfLine()).toMatchObject({ sequence: 5 });
    }
    expect(flow.published).toBe(5);
    flow.resume();
    await flow.settled();
    expect(flow.published).toBe(8);
    await flow.drain();
    expect(await reading).toHaveLength(8);
  });

  it('names a processor that rests as the head of line, also where nobody has taken anything yet', async () => {
    const flow = await start({ mode });
    flow.pause();
    await flow.publish(nums(3));
    const resting = { sequence: 0, thread: 'processor 0', cause: 'paused' };
    await until(() => flow.headOfLine()?.cause === 'paused');
    expect(flow.headOfLine()).toMatchObject(resting);
    await flow.stop();
  });

  it('is drained, and stopped, also while it is paused', async () => {
    const drained = await start({ mode });
    const reading = collect(drained.results());
    drained.pause();
    await drained.publish(nums(3));
    await drained.drain();
    expect(await reading).toHaveLength(3);
    const stopped = await start({ mode });
    stopped.pause();
    await stopped.publish(nums(3));
    await stopped.stop();
    expect(stopped.state).toBe('stopped');
  });

  it('is shut down in steps, with nothing left', async () => {
    const flow = await start({ mode });
    const reading = collect(flow.results());
    await flow.publish(nums(10));
    const steps: [number, string][] = [];
    const report = await shutdown(flow, { onStep: (...step) => steps.push(step) });
    expect(report).toEqual({ published: 10, left: 0, forced: false, error: undefined });
    expect(steps.map(([step]) => step)).toEqual([1, 2, 3]);
    expect(await reading).toHaveLength(10);
    expect(flow.state).toBe('ended');
  });

  it('is shut down whatever a listener of its steps throws, which is a warning', async () => {
    const warnings: Error[] = [];
    const take = (warning: Error): void => void warnings.push(warning);
    process.on('warning', take);
    const flow = await start({ mode, write: () => {} });
    await flow.publish(nums(10));
    const report = await shutdown(flow, {
      deadlineMs: Number.POSITIVE_INFINITY,
      onStep(step) {
        if (step === 2) return Promise.reject(new Error('of step 2')) as unknown as undefined;
        throw new Error(`of step ${step}`);
      },
    });
    expect(report).toEqual({ published: 10, left: 0, forced: false, error: undefined });
    await until(() => warnings.length === 3);
    process.off('warning', take);
    expect(warnings.map(({ message }) => message)).toEqual(
      [1, 2, 3].map((n) => `onStep of a shutdown failed: of step ${n}`),
    );
  });

  it('waits for a deadline of any length, and refuses what is none', async () => {
    const flow = await start({
      mode,
      write: async () => void (await new Promise((resolve) => setTimeout(resolve, 20))),
    });
    await flow.publish(nums(3));
    for (const deadlineMs of [Number.NaN, -1, 'x' as never, null as never]) {
      const error = await refusal(shutdown(flow, { deadlineMs }), 'BAD_OPTIONS');
      expect(error.message).toContain('deadlineMs');
      expect(() => shutdownOn(flow, { deadlineMs })).toThrow('deadlineMs');
    }
    expect(flow.state).toBe('running');
    expect(await shutdown(flow, { deadlineMs: 2 ** 31 })).toMatchObject({ published: 3, forced: false });
  });

  it('is shut down with what it failed of, and without rejecting', async () => {
    const flow = await start({ mode, process: { export: 'throwsText' }, write: () => {} });
    await flow.publish(nums(3));
    const report = await shutdown(flow);
    expect(report).toMatchObject({ published: 0, left: 3, forced: true, error: { code: 'PROCESSOR_FAILED' } });
  });

  it('goes on with `startAt: published` of its shutdown, and each event is delivered once', async () => {
    const got: number[] = [];
    const write = async (batch: Iterable<Num>): Promise<void> => {
      for (const { n } of batch) got.push(n);
      if (got.length === 5) await new Promise(() => {});
    };
    const first = await start<Num>({ mode, process: { threads: 2, blockBytes: 1 }, write });
    await first.publish(nums(20));
    await until(() => got.length === 5);
    const { published, left } = await shutdown(first, { deadlineMs: 0 });
    expect({ published, left }).toEqual({ published: 4, left: 16 });
    // The batch of event 4 was delivered, and not acknowledged: it comes again.
    expect(got.pop()).toBe(4);
    got.length = published;
    const second = await start<Num>({
      mode,
      pipeline: { startAt: published },
      write: (batch: Iterable<Num>) => {
        for (const { n } of batch) got.push(n);
      },
    });
    await second.publish(nums(20 - published, published));
    await second.drain();
    expect(got).toEqual(nums(20).map(({ n }) => n));
  });

  it('is stopped when the deadline of a shutdown passes, and says what is left', async () => {
    // Nobody reads, and the destination holds less than there is.
    const flow = await start({ mode });
    const publishing = flow.publish(nums(1_000)).catch((error: unknown) => error);
    await until(() => flow.stats().threads.some(({ name, waiting }) => name === 'writer' && waiting === 'demand'));
    const report = await shutdown(flow, { deadlineMs: 50 });
    expect(report.forced).toBe(true);
    expect(report.published).toBe(flow.published);
    expect(report.left).toBeGreaterThan(0);
    expect(flow.state).toBe('stopped');
    await publishing;
  });
});

it('shutdownOn whose onReport throws, or rejects, has shut the flow down, and warns', async () => {
  const before = process.listenerCount('SIGUSR2');
  const warnings: string[] = [];
  const take = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', take);
  const flows = await Promise.all([start({ mode: 'inline' }), start({ mode: 'inline' })]);
  for (const [i, flow] of flows.entries()) {
    shutdownOn(flow, {
      signals: ['SIGUSR2'],
      exit: false,
      onReport() {
        if (i === 0) throw new Error('not told');
        return Promise.reject(new Error('not told later'));
      },
    });
  }
  process.kill(process.pid, 'SIGUSR2');
  await until(() => process.listenerCount('SIGUSR2') === before && warnings.length === 2);
  process.off('warning', take);
  expect(warnings.sort()).toEqual([
    'onReport of a shutdown failed: not told',
    'onReport of a shutdown failed: not told later',
  ]);
  expect(flows.map(({ state }) => state)).toEqual(['ended', 'ended']);
});

it('shutdownOn drains at a signal, and takes its handlers off', async () => {
  const before = process.listenerCount('SIGUSR2');
  const flow = await start({});
  const reading = collect(flow.results());
  await flow.publish(nums(10));
  const reported = new Promise((resolve) => {
    shutdownOn(flow, { signals: ['SIGUSR2'], exit: false, onReport: resolve });
  });
  process.kill(process.pid, 'SIGUSR2');
  expect(await reported).toEqual({ published: 10, left: 0, forced: false, error: undefined });
  expect(await reading).toHaveLength(10);
  await until(() => process.listenerCount('SIGUSR2') === before);
  const other = await start({});
  shutdownOn(other, { signals: ['SIGUSR2'] });
  await other.stop();
  await until(() => process.listenerCount('SIGUSR2') === before);
});

it('shutdownOn for many flows has one handler, waits for all reports, and hears a second signal', async () => {
  const before = process.listenerCount('SIGUSR2');
  const reports: string[] = [];
  const flows = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      start({
        mode: 'inline',
        pipeline: { graceMs: 10 },
        write: () => (i === 0 ? new Promise<void>(() => {}) : undefined),
      }),
    ),
  );
  for (const [i, flow] of flows.entries()) {
    await flow.publish(nums(3));
    shutdownOn(flow, {
      signals: ['SIGUSR2'],
      exit: false,
      deadlineMs: Number.POSITIVE_INFINITY,
      onReport: ({ forced }) => void reports.push(`${i} ${forced}`),
    });
  }
  expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
  process.kill(process.pid, 'SIGUSR2');
  await until(() => reports.length === 11);
  expect(reports.every((report) => report.endsWith('false'))).toBe(true);
  expect(flows[0]!.state).toBe('draining');
  // One that comes while the others go is shut down with them.
  const late = await start({ mode: 'inline', write: () => {} });
  shutdownOn(late, { signals: ['SIGUSR2'], exit: false });
  await late.ended;
  process.kill(process.pid, 'SIGUSR2');
  await until(() => reports.length === 12);
  expect(reports.at(-1)).toBe('0 true');
  await until(() => process.listenerCount('SIGUSR2') === before);
});
