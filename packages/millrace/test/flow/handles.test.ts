/** Producers and readers on threads of their own. */
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import {
  attachProducer,
  attachReader,
  type HeadOfLine,
  type ProducerHandle,
  type ReaderHandle,
  toRing,
} from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, collect, drained, fixture, MODES, Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

interface Told {
  done?: boolean;
  code?: string;
  message?: string;
  items?: Num[];
}

const gate = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4));
const open = (words: Int32Array<SharedArrayBuffer>): void => {
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
};

/** Starts a thread, waits until it is attached; what it tells in the end is the promise. */
async function thread(file: string, workerData: object): Promise<{ told: Promise<Told> }> {
  const worker = new Worker(fixture(file), { workerData });
  const [attached] = (await once(worker, 'message')) as [Told | 'attached'];
  if (attached !== 'attached') return { told: Promise.resolve(attached) };
  const told = once(worker, 'message').then(async ([message]) => {
    await worker.terminate();
    return message as Told;
  });
  return { told };
}

const produce = (
  handle: ProducerHandle,
  from: number,
  count: number,
  how: string,
  words: Int32Array<SharedArrayBuffer>,
) => thread('producer.mjs', { handle, from, count, how, gate: words.buffer });

const readOn = (handle: ReaderHandle, how: string, most = -1) => thread('reader.mjs', { handle, how, most });

/** Of each thousand, its items in order. */
function byProducer(items: readonly Num[]): Num[][] {
  const most = Math.max(...items.map(({ n }) => Math.floor(n / 1000)));
  return Array.from({ length: most + 1 }, (_, i) => items.filter(({ n }) => Math.floor(n / 1000) === i));
}

describe('producers on other threads', () => {
  it.each(['drain', 'stop'] as const)('one that reads a silent stream hears of a %s', async (end) => {
    const flow = await start({ pipeline: { producers: 1 }, write: () => {} });
    const words = gate();
    const { told } = await produce(flow.producer(), 0, 3, 'silent', words);
    open(words);
    await until(() => flow.published === 3);
    await flow[end]();
    expect(await told).toMatchObject({ code: end === 'drain' ? 'FLOW_ENDED' : 'FLOW_STOPPED' });
  });

  // Fails with: watchEnd tells a drain from a stop by the state alone, which a drain passes on the way to its end.
  it('one whose event loop turns only when the flow has ended hears of the drain that it was', async () => {
    const flow = await start({ pipeline: { producers: 1 }, write: () => {} });
    const words = gate();
    const { told } = await produce(flow.producer(), 0, 3, 'busy', words);
    open(words);
    await until(() => flow.published === 3);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await flow.drain();
    Atomics.store(words, 0, 2);
    Atomics.notify(words, 0);
    expect(await told).toMatchObject({ code: 'FLOW_ENDED' });
  });

  it('closes a stream that it refuses, and one that is silent when it is closed', async () => {
    const flow = await start({ pipeline: { producers: 1 }, write: () => {} });
    const producer = attachProducer<Num>(flow.producer());
    let closed = 0;
    const silent = {
      next: () => new Promise(() => {}),
      return: () => ++closed,
      [Symbol.asyncIterator]: () => silent,
    } as unknown as AsyncIterable<Num>;
    const publishing = refusal(producer.publishAll(silent), 'FLOW_ENDED');
    producer.close();
    await publishing;
    await flow.drain();
    await refusal(producer.publishAll(silent), 'FLOW_ENDED');
    expect(closed).toBe(2);
  });

  it('three of them and this thread, each by another method: nothing is lost, each order is kept', async () => {
    const flow = await start({
      pipeline: { producers: 3, capacity: 16 },
      process: { threads: 2 },
      write: toRing({ capacity: 16 }),
    });
    const words = gate();
    const threads = await Promise.all(
      ['publish', 'publishAll', 'tryPublish'].map((how, i) =>
        produce(flow.producer(), (i + 1) * 1000, 500, how, words),
      ),
    );
    expect(() => attachProducer(flow.producer())).toThrow('NO_PLACE_LEFT');
    open(words);
    const reading = collect(flow.results());
    await flow.publish(nums(500));
    for (const { told } of threads) expect(await told).toEqual({ done: true });
    // A place that was given back can be taken again, here on this thread.
    const producer = attachProducer<Num>(flow.producer());
    await until(() => producer.tryPublish({ n: 4000 }));
    producer.close();
    await flow.drain();
    expect(byProducer(await reading)).toEqual([
      nums(500),
      nums(500, 1000),
      nums(500, 2000),
      nums(500, 3000),
      [{ n: 4000 }],
    ]);
  });

  it('a drain ends another producer with FLOW_ENDED, and delivers exactly what that one had published', async () => {
    const flow = await start({ pipeline: { producers: 1, capacity: 16 }, write: toRing({ capacity: 16 }) });
    const words = gate();
    const { told } = await produce(flow.producer(), 0, 0, 'endless', words);
    const reading = collect(flow.results());
    open(words);
    await until(() => flow.published > 100);
    await flow.drain();
    expect(await told).toMatchObject({ code: 'FLOW_ENDED' });
    const items = await reading;
    expect(items).toEqual(nums(items.length));
    expect(items.length).toBe(flow.stats().events);
    expect(flow.published).toBe(items.length);
  });

  it('a stop ends another producer with FLOW_STOPPED, also while it sleeps for room', async () => {
    const flow = await start({ pipeline: { producers: 1, capacity: 4 }, write: toRing({ capacity: 4 }) });
    const words = gate();
    const { told } = await produce(flow.producer(), 0, 0, 'endless', words);
    open(words);
    await until(() => flow.stats().threads[1]!.waiting === 'demand' && flow.stats().events === flow.published + 4);
    await flow.stop();
    expect(await told).toMatchObject({ code: 'FLOW_STOPPED' });
  });

  it('publish into a flow in the inline mode as well, also one that has nothing else to do', async () => {
    const flow = await start({
      mode: 'inline',
      pipeline: { producers: 2, capacity: 16 },
      write: toRing({ capacity: 16 }),
    });
    const reading = collect(flow.results());
    const words = gate();
    const threads = await Promise.all(
      ['publish', 'publishAll'].map((how, i) => produce(flow.producer(), i * 1000, 500, how, words)),
    );
    open(words);
    for (const { told } of threads) expect(await told).toEqual({ done: true });
    await flow.settled();
    await flow.drain();
    expect(byProducer(await reading)).toEqual([nums(500), nums(500, 1000)]);
  });

  it('need the option, and a handle', async () => {
    const flow = await start();
    expect(() => flow.producer()).toThrow(
      '[BAD_OPTIONS] this flow takes events from its own thread alone: give the pipeline `producers: 1`',
    );
    for (const bad of [undefined, null, 7, {}, flow.reader()]) {
      expect(() => attachProducer(bad as never)).toThrow('[BAD_OPTIONS] attachProducer got');
    }
    for (const bad of [undefined, {}, { kind: 'producer' }]) {
      expect(() => attachReader(bad as never)).toThrow('[BAD_OPTIONS] attachReader got');
    }
    for (const bad of [undefined, null, 7, {}]) {
      expect(() => flow.revoke(bad as never)).toThrow('[BAD_OPTIONS] revoke got');
    }
    const byJson = JSON.parse(JSON.stringify(flow.reader()));
    for (const use of [attachReader, flow.revoke.bind(flow)]) {
      expect(() => use(byJson)).toThrow('handle without its shared memory; pass it to the thread by workerData');
    }
    expect(() =>
      attachReader({ ...flow.reader(), ring: { kind: 'eventRing', buffer: new SharedArrayBuffer(4096) } } as never),
    ).toThrow('FOREIGN_BUFFER');
  });

  it('closed by a getter of the event that they publish are refused that, and take the event', async () => {
    const flow = await start({ pipeline: { producers: 1 } });
    const producer = attachProducer<Num>(flow.producer());
    let error: unknown;
    producer.tryPublish({
      get n() {
        try {
          producer.close();
        } catch (thrown) {
          error = thrown;
        }
        return 7;
      },
    });
    expect(error).toMatchObject({ code: 'EVENT_REFUSED' });
    producer.close();
    expect(await drained(flow)).toEqual([{ n: 7 }]);
  });

  it('whose event is refused go on', async () => {
    const flow = await start({ pipeline: { producers: 1 } });
    const producer = attachProducer<unknown>(flow.producer());
    expect(() => producer.tryPublish({ n: 'text' })).toThrow('[EVENT_REFUSED]');
    producer.tryPublish({ n: 0 });
    await producer.publishAll(nums(2, 1));
    const failing = (function* () {
      yield { n: 3 };
      throw new Error('broken');
    })();
    await expect(producer.publishAll(failing)).rejects.toThrow('broken');
    producer.close();
    expect(() => producer.tryPublish({ n: 9 })).toThrow('this producer has been closed');
    const [items] = await Promise.all([collect(flow.results()), flow.drain()]);
    expect(items).toEqual(nums(4));
  });
});

describe('readers on other threads', () => {
  it('one whose loop is left before it began gives its place back', async () => {
    const flow = await start({ write: toRing({ readers: 1 }) });
    attachReader(flow.reader())[Symbol.iterator]().return?.();
    const batches = attachReader(flow.reader()).batches();
    expect(() => batches.throw(new Error('mine'))).toThrow('mine');
    attachReader(flow.reader()).batches().return();
    flow.results();
    await flow.stop();
  });

  it.each(MODES)('read the same as results, item by item and in batches, of a flow in the mode %s', async (mode) => {
    const flow = await start({ mode, write: toRing({ capacity: 16 }) });
    const readers = await Promise.all([readOn(flow.reader(), 'items'), readOn(flow.reader(), 'batches')]);
    const here = collect(flow.results());
    await flow.publish(nums(1000));
    await flow.drain();
    expect(await here).toEqual(nums(1000));
    for (const { told } of readers) expect(await told).toEqual({ items: nums(1000) });
  });

  it('throw FLOW_STOPPED when the flow is stopped or fails, after what was delivered', async () => {
    for (const end of ['stop', 'fail']) {
      const flow = await start({ process: { export: 'throws', data: { at: end === 'fail' ? 5 : -1, after: 0 } } });
      const { told } = await readOn(flow.reader(), 'items');
      await flow.publish(nums(5));
      await until(() => flow.published === 5);
      if (end === 'stop') await flow.stop();
      else {
        await flow.publish({ n: 5 });
        await refusal(flow.ended, 'PROCESSOR_FAILED');
      }
      expect(await told).toEqual({ items: nums(5), code: 'FLOW_STOPPED' });
    }
  });

  it('that leave give their place back and do not stop the flow; nor does a loop that is left here', async () => {
    const flow = await start({ write: toRing({ capacity: 8, readers: 2 }) });
    const { told } = await readOn(flow.reader(), 'items', 10);
    const publishing = flow.publish(nums(100));
    for await (const _ of flow.results()) break;
    expect((await told).items).toEqual(nums(10));
    const last = await readOn(flow.reader(), 'items');
    await publishing;
    await flow.drain();
    const { items, code } = await last.told;
    expect(code).toBeUndefined();
    expect(items!.at(-1)).toEqual({ n: 99 });
  });
});

describe('handles are tied to the thread that attached', () => {
  const attached = async (file: string, data: object): Promise<Worker> => {
    const worker = new Worker(fixture(file), { workerData: data });
    expect((await once(worker, 'message'))[0]).toBe('attached');
    return worker;
  };

  it('a reader whose thread is terminated holds the flow no longer, and its place is free', async () => {
    const flow = await start({ write: toRing({ capacity: 8, readers: 2 }) });
    const worker = await attached('waiter.mjs', { reader: flow.reader() });
    const reading = collect(flow.results());
    const publishing = flow.publish(nums(100));
    await worker.terminate();
    await publishing;
    attachReader(flow.reader());
    await flow.stop();
    await reading;
  });

  it('a producer that ends without close loses its place, and what it had published is delivered', async () => {
    const flow = await start({ pipeline: { producers: 1 } });
    const reading = collect(flow.results());
    for (const exits of [true, false]) {
      const worker = await attached('waiter.mjs', { producer: flow.producer(), exits });
      if (exits) await once(worker, 'exit');
      else await worker.terminate();
    }
    attachProducer(flow.producer()).close();
    await flow.drain();
    expect(await reading).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it('a handle that was revoked attaches nobody, and whoever has attached leaves', async () => {
    const flow = await start({ pipeline: { producers: 1 }, write: toRing({ capacity: 8, readers: 1 }) });
    const [producing, reading] = [flow.producer(), flow.reader()];
    const producer = attachProducer<Num>(producing);
    const reader = attachReader<Num>(reading)[Symbol.iterator]();
    producer.tryPublish({ n: 1 });
    await flow.settled();
    expect(reader.next().value).toEqual({ n: 1 });
    flow.revoke(producing);
    flow.revoke(reading);
    for (const call of [
      () => producer.tryPublish({ n: 2 }),
      () => reader.next(),
      () => attachProducer(producing),
      () => attachReader(reading),
    ]) {
      expect(call).toThrow('[HANDLE_REVOKED]');
    }
    attachProducer(flow.producer()).close();
    // What nobody has released is still there.
    expect(await drained(flow)).toEqual([{ n: 1 }]);
  });

  it('a reader that waits leaves when its handle is revoked', async () => {
    const flow = await start({});
    const handle = flow.reader();
    const worker = await attached('waiter.mjs', { reader: handle, reads: true });
    const [item] = await Promise.all([once(worker, 'message'), flow.publish({ n: 1 })]);
    expect(item).toEqual([{ n: 1 }]);
    const left = once(worker, 'message');
    flow.revoke(handle);
    expect(await left).toEqual(['HANDLE_REVOKED']);
    await once(worker, 'exit');
  });

  it('a handle by which nobody has attached holds nothing', async () => {
    const flow = await start({ write: toRing({ capacity: 8, readers: 1 }) });
    flow.reader();
    const reading = collect(flow.results());
    await flow.publish(nums(100));
    await flow.drain();
    expect((await reading).length).toBe(100);
  });
});

describe('a producer on another thread', () => {
  it('that keeps an event open is named by the stall; once it is terminated, its event is void and the flow goes on', async () => {
    const flow = await start<Num>({ pipeline: { producers: 1, stallMs: 20 } });
    const reading = collect(flow.results());
    const heads: HeadOfLine[] = [];
    flow.on('stall', (head) => heads.push(head));
    const worker = new Worker(fixture('claim-holder.mjs'), { workerData: { handle: flow.producer() } });
    const { threadId: owner } = worker;
    await once(worker, 'message');
    // Nothing waits for it yet.
    expect(flow.headOfLine()).toBeUndefined();
    await flow.publish(nums(10));
    let isSettled = false;
    const settled = flow.settled().then(() => {
      isSettled = true;
    });
    await until(() => heads.length > 0);
    // What is published is not delivered yet.
    expect(isSettled).toBe(false);
    expect(heads[0]).toMatchObject({ sequence: 0, thread: `producer on thread ${owner}`, cause: 'producer' });
    expect(flow.published).toBe(0);
    await worker.terminate();
    await settled;
    await flow.drain();
    expect(await reading).toEqual(nums(10));
    expect(flow.published).toBe(11);
  });

  it('blocks no main thread: what would is refused, and says what to use', async () => {
    const flow = await start<Num>({ pipeline: { producers: 1 } });
    const reading = collect(flow.results());
    const producer = attachProducer(flow.producer(), Num);
    expect(isMainThread).toBe(true);
    const calls = {
      'tryPublish(event) or await publishAll([event])': () => producer.publish({ n: 1 }),
      'trySkip(n)': () => producer.skip(1),
      'tryNext()': () => producer.next(),
    };
    for (const [instead, call] of Object.entries(calls))
      expect(call).toThrow(`this is the main thread: use ${instead}`);
    expect(calls['tryNext()']).toThrow('[MAIN_THREAD]');
    expect(producer.trySkip(2)).toBe(2);
    producer.tryNext()!.n = 3;
    producer.commit();
    await producer.publishAll([{ n: 4 }]);
    for (const events of [undefined, 5, 'abc']) {
      const error = await refusal(producer.publishAll(events as never), 'BAD_OPTIONS');
      expect(error.message).toContain('give an iterable or an async iterable');
    }
    producer.close();
    await flow.drain();
    expect(await reading).toEqual([{ n: 3 }, { n: 4 }]);
  });
});
