import { shutdown, shutdownOn } from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, collect, MODES, nums, start, until } from '../support/lifecycle.ts';

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
