/** Threads that end without a word, and no other takes their place. (What a whole process does then, process.test.ts asks.) */
import { threadId } from 'node:worker_threads';
import { type Flow, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  type Given,
  liveThreads,
  type Num,
  nums,
  refusal,
  rejection,
  Shared,
  start as startFlow,
  until,
  WRITERS,
} from '../support/lifecycle.ts';

cleanUp();

/** The first death fails the flow. */
const start = (given: Given = {}): Promise<Flow<Num, Num>> =>
  startFlow({ ...given, pipeline: { ...given.pipeline, restarts: { max: 0 } } });

async function expectDead(flow: Flow<Num, Num>, thread: string): Promise<Error> {
  const reading = rejection(collect(flow.results()));
  const error = await refusal(flow.ended, 'THREAD_DIED');
  expect(error.thread).toBe(thread);
  expect(error.message).toContain(thread);
  expect(await reading).toBe(error);
  expect(await rejection(flow.publish({ n: 1 }))).toBe(error);
  expect(await rejection(flow.drain())).toBe(error);
  expect(flow.state).toBe('failed');
  expect(flow.stats().restarts).toBe(0);
  expect(liveThreads()).toBe(0);
  return error;
}

describe('with no restarts, a thread that dies fails the flow, which names it', () => {
  it('process.exit in a processor', async () => {
    const flow = await start({ process: { export: 'exits', data: { at: 3 } } });
    await flow.publish(nums(10));
    expect((await expectDead(flow, 'processor 0')).message).toContain('code: 3');
  });

  it('a processor that runs out of memory', async () => {
    const flow = await start({
      process: {
        export: 'eatsMemory',
        data: { at: 3 },
        resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
      },
    });
    await flow.publish(nums(10));
    const error = await expectDead(flow, 'processor 0');
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
  });

  it('a processor that is ended from the outside while it computes, and while it sleeps', async () => {
    const shared = new Shared();
    const computing = await start({ process: { export: 'loops', data: { at: 0, ...shared.data } } });
    await computing.publish({ n: 0 });
    await shared.come();
    await computing.kill('processor 0');
    await expectDead(computing, 'processor 0');

    const sleeping = await start();
    await until(() => sleeping.stats().threads.some(({ waiting }) => waiting === 'input'));
    await sleeping.kill('processor 0');
    await expectDead(sleeping, 'processor 0');
  });

  it('one of two processors, while the other one has work', async () => {
    const flow = await start({
      process: { export: 'exits', threads: 2, data: { at: 50 } },
      write: toRing({ capacity: 8 }),
    });
    const publishing = rejection(flow.publish(nums(1000)));
    const got: Num[] = [];
    const reading = rejection(
      (async () => {
        for await (const item of flow.results()) got.push(item);
      })(),
    );
    const error = await refusal(flow.ended, 'THREAD_DIED');
    expect(error.thread).toMatch(/^processor [01]$/);
    expect(await reading).toBe(error);
    expect(await publishing).toBe(error);
    // In order, and none of the event of which the thread died.
    expect(got).toEqual(nums(got.length));
    expect(got.length).toBeLessThanOrEqual(50);
  });

  it('process.exit in a writer', async () => {
    const flow = await start({ write: WRITERS, writeOptions: { export: 'exits', data: { at: 3 } } });
    await flow.publish(nums(10));
    const error = await refusal(flow.drain(), 'THREAD_DIED');
    expect(error.thread).toBe('writer');
    expect(error.message).toContain('code: 5');
    expect(liveThreads()).toBe(0);
  });

  it('the coordinator', async () => {
    const flow = await start();
    await flow.publish(nums(3));
    await flow.kill('coordinator');
    const error = await refusal(flow.ended, 'THREAD_DIED');
    expect(error.thread).toBe('coordinator');
    expect(await rejection(flow.publish({ n: 1 }))).toBe(error);
    expect(liveThreads()).toBe(0);
  });

  it('while the flow drains', async () => {
    const shared = new Shared();
    const flow = await start({ process: { export: 'gated', data: { at: 3, ...shared.data } } });
    await flow.publish(nums(10));
    const draining = refusal(flow.drain(), 'THREAD_DIED');
    await shared.come();
    await flow.kill('processor 0');
    expect((await draining).thread).toBe('processor 0');
  });
});

describe('a flow that has failed', () => {
  it('leaves the process as it was, and the next flow runs', async () => {
    const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    const broken = await start({ process: { export: 'exits', data: { at: 0 } } });
    await broken.publish({ n: 0 });
    await refusal(broken.ended, 'THREAD_DIED');
    const flow = await start({ process: { threads: 2 } });
    await flow.publish(nums(100));
    const [items] = await Promise.all([collect(flow.results()), flow.drain()]);
    expect(items).toEqual(nums(100));
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(listeners);
    expect(threadId).toBe(0);
  });
});
