import { getEventListeners } from 'node:events';
import { Nack, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  drained,
  expectNoThreads,
  liveThreads,
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

const reason = new Error('enough of it');

describe.each(MODES)('stopping and draining in the mode %s', (mode) => {
  it('drain delivers everything and ends every thread; it is idempotent', async () => {
    const flow = await start({ mode });
    const exits: string[] = [];
    flow.on('exit', (state) => exits.push(state));
    await flow.publish(nums(200).slice(0, 50));
    const reading = collect(flow.results());
    await Promise.all([flow.drain(), flow.drain(), flow.ended]);
    expect(await reading).toEqual(nums(50));
    await flow.drain();
    await flow.stop();
    await flow[Symbol.asyncDispose]();
    expect(flow.state).toBe('ended');
    expect(flow.published).toBe(50);
    expect(exits).toEqual(['ended']);
    expect(liveThreads()).toBe(0);
  });

  it('an empty flow is drained at once', async () => {
    const flow = await start({ mode });
    expect(await drained(flow)).toEqual([]);
    const unread = await start({ mode });
    await unread.drain();
    expect(unread.state).toBe('ended');
  });

  it('drain calls close of a writer module, once, and stop does not', async () => {
    const shared = new Shared();
    const flow = await start({ mode, write: WRITERS, writeOptions: { data: shared.data } });
    await flow.publish(nums(20));
    await flow.drain();
    await flow.drain();
    expect([shared.read(2), shared.read(3)]).toEqual([20, 1]);
    const stopped = await start({ mode, write: WRITERS, writeOptions: { data: shared.data } });
    await stopped.stop();
    expect(shared.read(3)).toBe(1);
  });

  it('stop ends at once, in any number of calls, and after it nothing goes on', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 4 }) });
    await flow.publish(nums(30));
    await Promise.all([flow.stop(), flow.stop(), flow[Symbol.asyncDispose]()]);
    expect(flow.state).toBe('stopped');
    await flow.stop();
    await flow.ended;
    await refusal(flow.publish({ n: 1 }), 'FLOW_STOPPED');
    await refusal(flow.publish([]), 'FLOW_STOPPED');
    expect(() => flow.tryPublish({ n: 1 })).toThrow('[FLOW_STOPPED]');
    await refusal(flow.drain(), 'FLOW_STOPPED');
  });

  it('a stop during a drain wins, and the drain says that not everything was delivered', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 4 }) });
    await flow.publish(nums(30));
    const draining = refusal(flow.drain(), 'FLOW_STOPPED');
    await flow.stop();
    await draining;
    expect(flow.state).toBe('stopped');
  });

  it('publish after drain is refused with FLOW_ENDED, before and after the end', async () => {
    const flow = await start({ mode });
    await flow.publish(nums(3));
    const draining = flow.drain();
    await refusal(flow.publish({ n: 1 }), 'FLOW_ENDED');
    await refusal(flow.publish([]), 'FLOW_ENDED');
    expect(() => flow.tryPublish({ n: 1 })).toThrow('[FLOW_ENDED]');
    expect(await collect(flow.results())).toEqual(nums(3));
    await draining;
    await refusal(flow.publish(nums(2)), 'FLOW_ENDED');
    expect(() => flow.tryPublish({ n: 1 })).toThrow('[FLOW_ENDED]');
  });

  it('ends what waits when it is stopped: publish, results, settled', async () => {
    const flow = await start({
      mode,
      pipeline: { capacity: 4 },
      write: toRing({ capacity: 4 }),
      process: { export: 'repeat' },
    });
    const none = flow.results()[Symbol.asyncIterator]();
    const waiting = none.next();
    const settled = refusal(flow.publish(Array.from({ length: 100 }, () => ({ n: 1000 }))), 'FLOW_STOPPED');
    await waiting;
    const rest = (async () => {
      while (!(await none.next()).done);
    })();
    await flow.stop();
    await settled;
    await rest;
  });

  it('a signal that was aborted before refuses to start, with its reason', async () => {
    expect(await rejection(start({ mode, start: { signal: AbortSignal.abort(reason) } }))).toBe(reason);
    expect(liveThreads()).toBe(0);
  });

  it('a signal that is aborted while the flow starts ends the start, and leaves nothing', async () => {
    const shared = new Shared();
    const abort = new AbortController();
    const process = { export: 'initNeverEnds', data: shared.data };
    const starting = rejection(start({ mode, pipeline: { graceMs: 10 }, process, start: { signal: abort.signal } }));
    await shared.come();
    abort.abort(reason);
    expect(await starting).toBe(reason);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    await expectNoThreads();
  });

  it('a signal that is aborted afterwards stops the flow: everything rejects with its reason', async () => {
    const abort = new AbortController();
    const flow = await start({
      mode,
      pipeline: { capacity: 4 },
      write: toRing({ capacity: 4 }),
      start: { signal: abort.signal },
    });
    const waits = [flow.publish(nums(100)), flow.ended, flow.drain()];
    const outcomes = Promise.all(waits.map(rejection));
    abort.abort(reason);
    expect(await outcomes).toEqual(waits.map(() => reason));
    expect(await rejection(flow.publish({ n: 1 }))).toBe(reason);
    expect(await rejection(collect(flow.results()))).toBe(reason);
    expect(flow.state).toBe('stopped');
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('one that is aborted when the last item is there ends the loop that takes it with its reason', async () => {
    const abort = new AbortController();
    const shared = new Shared();
    // The thread is in `dispose`: the flow has delivered everything and not ended.
    const process = { export: 'disposesLate', data: shared.data };
    const flow = await start({ mode, process, write: toRing({ capacity: 4 }), start: { signal: abort.signal } });
    const results = flow.results()[Symbol.asyncIterator]();
    await flow.publish({ n: 1 });
    expect((await results.next()).value).toEqual({ n: 1 });
    const outcomes = Promise.all([flow.drain(), flow.ended].map(rejection));
    await shared.come();
    await until(() => flow.published === 1);
    abort.abort(reason);
    expect(await rejection(results.next())).toBe(reason);
    expect(await rejection(flow.settled())).toBe(reason);
    shared.open();
    expect(await outcomes).toEqual([reason, reason]);
  });

  it.each([{}, null, 5, new AbortController()])('refuses a signal that is none: %s', async (signal) => {
    const none = signal as unknown as AbortSignal;
    await refusal(start({ mode, start: { signal: none } }), 'BAD_OPTIONS');
    const flow = await start({ mode });
    expect((await refusal(flow.publish({ n: 1 }, { signal: none }), 'BAD_OPTIONS')).message).toContain(
      'publish: signal',
    );
  });

  it('a signal that is aborted after the end does nothing, and nobody listens to it', async () => {
    const abort = new AbortController();
    const flow = await start({ mode, start: { signal: abort.signal } });
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    await flow.publish(nums(2), { signal: abort.signal });
    expect(await drained(flow)).toEqual(nums(2));
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    abort.abort(reason);
    await flow.ended;
    expect(flow.state).toBe('ended');
  });

  it('leaves a writer at once that waits for its own promise, for credit, or for a dead letter to be taken', async () => {
    // Far longer than any test may take.
    const patient = { graceMs: 600_000 };
    const never = new Promise<void>(() => {});
    const writing = await start({ mode, pipeline: patient, write: () => never });
    await writing.publish(nums(3));
    await until(() => writing.stats().threads[1]!.waiting === 'ack');
    await writing.stop();

    const module = await start({
      mode,
      pipeline: patient,
      write: WRITERS,
      writeOptions: { export: 'neverSettles', data: { at: 0, ...new Shared().data } },
    });
    await module.publish(nums(3));
    await until(() => module.stats().threads[1]!.waiting === 'ack');
    await module.stop();

    const waiting = await start({ mode, pipeline: patient, write: WRITERS, writeOptions: { export: 'grantsOne' } });
    await waiting.publish(nums(3));
    await until(() => waiting.stats().threads[1]!.waiting === 'demand');
    await waiting.stop();

    let letters = 0;
    const burying = await start({
      mode,
      pipeline: {
        ...patient,
        deadLetters() {
          letters++;
          return never;
        },
      },
      write() {
        throw new Nack('never', { action: 'dead-letter' });
      },
    });
    await burying.publish(nums(3));
    await until(() => letters === 1);
    await burying.stop();
    for (const flow of [writing, module, waiting, burying]) expect(flow.state).toBe('stopped');
    expect(liveThreads()).toBe(0);
  });

  it('a promise of a processor that never settles is left after the grace time', async () => {
    const shared = new Shared();
    const flow = await start({
      mode,
      pipeline: { graceMs: 10 },
      process: { export: 'neverSettles', data: { at: 1, ...shared.data } },
    });
    await flow.publish(nums(3));
    await shared.come();
    await flow.stop();
    expect(flow.state).toBe('stopped');
  });

  it('a pause before an event is tried again is left at once', async () => {
    const retry = { attempts: 3, delayMs: 3_600_000, maxDelayMs: 3_600_000 };
    const flow = await start({
      mode,
      pipeline: { graceMs: 600_000 },
      process: { export: 'throws', data: { at: 1, after: 0 }, onError: retry },
    });
    await flow.publish(nums(3));
    await until(() => flow.stats().retries === 1);
    await flow.stop();
    expect(flow.state).toBe('stopped');
  });

  it('await using drains what is read, and a scope that is left by an error', async () => {
    let items: Promise<Num[]>;
    {
      await using flow = await start({ mode });
      items = collect(flow.results());
      await flow.publish(nums(10));
    }
    expect(await items).toEqual(nums(10));

    const got: Num[] = [];
    const scope = async (): Promise<void> => {
      await using flow = await start({
        mode,
        write: (batch: Iterable<Num>) => void got.push(...[...batch].map(({ n }) => ({ n }))),
      });
      await flow.publish(nums(5));
      throw reason;
    };
    expect(await rejection(scope())).toBe(reason);
    expect(got).toEqual(nums(5));
  });

  it('await using stops a flow of which nobody reads the results', async () => {
    const scope = async (): Promise<void> => {
      await using flow = await start({ mode, write: toRing({ capacity: 2 }) });
      flow.results();
      await flow.publish(nums(30));
      throw reason;
    };
    expect(await rejection(scope())).toBe(reason);
    {
      await using flow = await start({ mode, write: toRing({ capacity: 2 }) });
      await flow.publish(nums(30));
    }
  });

  it('await using rejects with a failure that nobody has taken, and not with one that somebody has', async () => {
    const given = { mode, process: { export: 'throws', data: { at: 1, after: 0 } }, write: () => {} };
    const unheard = async (): Promise<void> => {
      await using flow = await start(given);
      await flow.publish(nums(3));
    };
    await refusal(unheard(), 'PROCESSOR_FAILED');
    const loop = async (): Promise<void> => {
      await using flow = await start({ ...given, write: toRing() });
      void flow.publish(nums(3)).then(() => flow.drain());
      for await (const _ of flow.results()) await until(() => flow.state === 'failed');
    };
    await refusal(loop(), 'PROCESSOR_FAILED');
    const heard = async (): Promise<void> => {
      await using flow = await start(given);
      await flow.publish(nums(3));
      await flow.drain();
    };
    const error = await refusal(heard(), 'PROCESSOR_FAILED');
    expect(error.name).toBe('MillraceError');
  });
});

describe('stopping threads', () => {
  it('a processor sees that it should abort, and ends within the grace time', async () => {
    const shared = new Shared();
    // Longer than the test may take: the thread has to end by itself.
    const flow = await start({
      pipeline: { graceMs: 600_000 },
      process: { export: 'obeys', data: { at: 1, ...shared.data } },
    });
    await flow.publish(nums(3));
    await shared.come();
    await flow.stop();
    expect(shared.read(2)).toBe(1);
  });

  it.each(['a processor', 'a writer'])(
    'an endless loop in %s is ended by force after the grace time',
    async (where) => {
      const shared = new Shared();
      const loops = { export: 'loops', data: { at: 1, ...shared.data } };
      const given = where === 'a processor' ? { process: loops } : { write: WRITERS, writeOptions: loops };
      const flow = await start({ pipeline: { graceMs: 20 }, ...given });
      await flow.publish(nums(3));
      await shared.come();
      await Promise.all([flow.stop(), flow.stop()]);
      expect(flow.state).toBe('stopped');
      expect(liveThreads()).toBe(0);
    },
  );

  it('a processor that sleeps in emit, and a writer that sleeps for demand, wake up to end', async () => {
    const flow = await start({
      pipeline: { graceMs: 600_000 },
      process: { export: 'repeat', laneBytes: 1024, threads: 2 },
      write: toRing({ capacity: 2 }),
    });
    await flow.publish([{ n: 100_000 }, { n: 100_000 }]);
    const waiting = (cause: string): boolean => flow.stats().threads.some((thread) => thread.waiting === cause);
    await until(() => waiting('demand') && waiting('room'));
    await flow.stop();
    expect(liveThreads()).toBe(0);
  });

  it.each(['park', 'spin'] as const)('threads that wait by %s end', async (wait) => {
    const flow = await start({ pipeline: { wait, graceMs: 600_000 } });
    await flow.publish(nums(3));
    expect(await drained(flow)).toEqual(nums(3));
    const stopped = await start({ pipeline: { wait, graceMs: 600_000 } });
    await stopped.stop();
    expect(liveThreads()).toBe(0);
  });
});
