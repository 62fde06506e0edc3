/** Callbacks of the user's on the main thread: in which context they run, and what they hear. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { cleanUp, drained, MODES, nums, refusal, rejection, start, until } from '../support/lifecycle.ts';

cleanUp();

const context = new AsyncLocalStorage<string>();

describe.each(MODES)('callbacks in the mode %s', (mode) => {
  it('a writer function runs in the context in which the flow was started, before and after it waited', async () => {
    const seen: (string | undefined)[] = [];
    const write = async (): Promise<void> => {
      seen.push(context.getStore());
      await new Promise((resolve) => setImmediate(resolve));
    };
    const flow = await context.run('start', () => start({ mode, write }));
    await context.run('publish', () => flow.publish(nums(3)));
    await flow.settled();
    await context.run('later', () => flow.publish(nums(3)));
    await context.run('drain', () => flow.drain());
    expect(seen).toEqual(Array.from({ length: 6 }, () => 'start'));
  });

  it('events are emitted in the context in which the flow was started', async () => {
    const seen: (string | undefined)[] = [];
    const flow = await context.run('start', () => start({ mode }));
    flow.on('exit', (state) => seen.push(state, context.getStore()));
    await context.run('stop', () => flow.stop());
    await until(() => seen.length > 0);
    expect(seen).toEqual(['stopped', 'start']);
  });

  it('an iterable is read in the context of the publish call', async () => {
    const seen = new Set<string | undefined>();
    const flow = await context.run('start', () => start({ mode, pipeline: { capacity: 4 } }));
    const events = function* () {
      for (const event of nums(50)) {
        seen.add(context.getStore());
        yield event;
      }
    };
    await Promise.all([
      context.run('publish', () => flow.publish(events())),
      context.run('read', () => flow.results()[Symbol.asyncIterator]().next()),
    ]);
    expect([...seen]).toEqual(['publish']);
  });

  it('exit comes once, with how it went, and error before it', async () => {
    const heard: unknown[] = [];
    const flow = await start({ mode });
    flow.on('error', (error) => heard.push(error)).on('exit', (state) => heard.push(state));
    await flow.publish(nums(3));
    await drained(flow);
    await flow.stop();
    await until(() => heard.length > 0);
    expect(heard).toEqual(['ended']);

    const failing = await start({ mode, process: { export: 'throwsText' } });
    failing.on('error', (error) => heard.push(error)).on('exit', (state) => heard.push(state));
    await failing.publish(nums(1));
    const error = await refusal(failing.ended, 'PROCESSOR_FAILED');
    await until(() => heard.length === 3);
    expect(heard).toEqual(['ended', error, 'failed']);
  });

  it('an aborted signal is heard as error as well', async () => {
    const abort = new AbortController();
    const heard: unknown[] = [];
    const flow = await start({ mode, start: { signal: abort.signal } });
    flow.on('error', (error) => heard.push(error)).on('exit', (state) => heard.push(state));
    abort.abort();
    const reason = await rejection(flow.ended);
    expect(reason).toMatchObject({ name: 'AbortError' });
    await until(() => heard.length === 2);
    expect(heard).toEqual([reason, 'stopped']);
  });
});
