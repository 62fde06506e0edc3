import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { types } from 'node:util';
import { runInNewContext } from 'node:vm';
import {
  bytes,
  type Codec,
  type Flow,
  i32,
  type MillraceError,
  pipeline,
  sequences,
  text,
  toRing,
  value,
} from 'millrace';
import { Memory } from 'native-free-rings';
import { describe, expect, it } from 'vitest';
import { isAsyncIterable, isMany } from '../../src/flow/publishable.ts';
import {
  cleanUp,
  collect,
  drained,
  MODES,
  Num,
  nums,
  PROCESSORS,
  refusal,
  rejection,
  Shared,
  start,
  until,
} from '../support/lifecycle.ts';

cleanUp();

const mine = new Error('the source broke');

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}

const webStream = (items: readonly Num[]): ReadableStream<Num> =>
  new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });

/** A source that gives what it has and then stays silent; it knows how it was closed. */
function silent(items: readonly Num[]): AsyncIterable<Num> & { asked: number; closed: number } {
  let at = 0;
  return {
    asked: 0,
    closed: 0,
    [Symbol.asyncIterator]() {
      return {
        next: async () => {
          if (at < items.length) return { done: false, value: items[at++]! };
          this.asked++;
          return await new Promise<never>(() => {});
        },
        return: async () => {
          this.closed++;
          return { done: true, value: undefined };
        },
      };
    },
  };
}

describe('the table of docs/publishing.md', () => {
  const page = readFileSync(new URL('../../../../docs/publishing.md', import.meta.url), 'utf8');
  const [head, , ...rows] = [...page.slice(0, page.indexOf('## Events filled in place')).matchAll(/^\|(.*)\|$/gm)].map(
    ([, row]) => row!.split('|').map((cell) => cell.trim()),
  );
  const samples: Record<string, (() => unknown)[]> = {
    'a string': [() => 'text'],
    'a `Map`, a `Set`': [() => new Map([[1, 1]]), () => new Set([1, 2])],
    'a typed array, a `Buffer`': [() => Int32Array.of(1, 2), () => Buffer.from('two')],
    'an `ArrayBuffer`, a `DataView`': [() => new ArrayBuffer(8), () => new DataView(new ArrayBuffer(8))],
    'an array, a generator, any other iterable': [() => [1, 2], () => [1, 2].values(), () => new Map([[1, 2]]).keys()],
    'an async iterable, a Node stream, a Web stream': [
      () => later([1, 2]),
      () => Readable.from([1, 2]),
      () => webStream([{ n: 1 }]),
    ],
  };
  const codecs: Record<string, readonly Codec<unknown, never>[]> = {
    'source of `value()`': [value()],
    'of `bytes()`': [bytes()],
    'of `struct`, numbers, `text`': [Num, i32, text(8)] as never,
  };

  /** Writes it as one event. */
  const write = (codec: Codec<unknown, never>, given: unknown): void => {
    const memory = new Memory(new SharedArrayBuffer(4096));
    if (codec.kind === 'fixed') codec.write(memory, 0, given as never);
    else codec.write(memory, 0, memory.byteLength, given as never);
  };

  it('names what is tried here', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(samples));
    expect(head!.slice(1)).toEqual(Object.keys(codecs));
  });

  it.each(rows.flatMap(([what, ...cells]) => cells.map((cell, i) => [what!, head![i + 1]!, cell] as const)))(
    '%s, %s: %s',
    (what, column, cell) => {
      for (const sample of samples[what]!) {
        for (const codec of codecs[column]!) {
          const given = sample();
          const isOne = !isAsyncIterable(given) && !isMany(given, codec);
          expect(isOne, codec.schema.type).toBe(cell.startsWith('one'));
          if (cell === 'one, refused') expect(() => write(codec, given)).toThrow();
          else if (isOne && codec.kind === 'variable') write(codec, given);
        }
      }
    },
  );
});

describe.each(MODES)('publishing in the mode %s', (mode) => {
  it('takes one event, an array, a set, a generator, an async generator, a Node stream and a Web stream', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 64 }) });
    const reading = collect(flow.results());
    await flow.publish({ n: 0 });
    await flow.publish(nums(3, 1));
    await flow.publish(new Set(nums(2, 4)));
    await flow.publish(nums(2, 6).values());
    await flow.publish(later(nums(3, 8)));
    await flow.publish(Readable.from(nums(30, 11)));
    await flow.publish(webStream(nums(9, 41)) as AsyncIterable<Num>);
    await flow.publish([]);
    await flow.publish(later([]));
    expect(flow.tryPublish({ n: 50 })).toBe(true);
    await flow.drain();
    expect(await reading).toEqual(nums(51));
  });

  it('takes values and bytes; text and bytes are one event each, and an array is many', async () => {
    const values = [1, 'two', { three: [3] }, null, [4, 5], true];
    const flow = await start<unknown, unknown>({
      mode,
      pipeline: { source: value() as never },
      process: { export: 'echoValue' },
    });
    await flow.publish('some text');
    await flow.publish(values);
    await flow.publish([[6, 7]]);
    expect(await drained(flow)).toEqual(['some text', ...values, [6, 7]]);

    const binary = await start<Uint8Array, Uint8Array>({
      mode,
      pipeline: { source: bytes() as never },
      process: { export: 'echoBytes' },
    });
    await binary.publish(Uint8Array.of(1, 2, 3));
    await binary.publish([Uint8Array.of(), Buffer.from('four')]);
    const items = await drained(binary);
    expect(items.map((item) => Buffer.from(item).toString('latin1'))).toEqual(['\x01\x02\x03', '', 'four']);
  });

  it('takes as one event what the codec of the source takes as one, and else as many', async () => {
    const foreign = runInNewContext(
      '({ map: new Map([[1, 2]]), set: new Set([3]), bytes: Uint8Array.of(4), array: [5, 6] })',
    );
    const values = await start<unknown, unknown>({
      mode,
      pipeline: { source: value() as never },
      process: { export: 'echoValue' },
    });
    for (const one of [new Map([['a', 1]]), new Set([1, 2]), Float64Array.of(1, 2), 'text', foreign.map, foreign.set]) {
      await values.publish(one);
    }
    await values.publish([new Map([['b', 2]]), [7, 8]]);
    await values.publish(foreign.array);
    await values.publish(new Set([1]).values());
    expect(values.tryPublish([9, 10])).toBe(true);
    expect(
      (await drained(values)).map((item) => (types.isTypedArray(item) ? [...(item as Float64Array)] : item)),
    ).toEqual([
      new Map([['a', 1]]),
      new Set([1, 2]),
      [1, 2],
      'text',
      new Map([[1, 2]]),
      new Set([3]),
      new Map([['b', 2]]),
      [7, 8],
      5,
      6,
      1,
      [9, 10],
    ]);
  });

  it('an event takes half of dataBytes at most, wherever the ring stands', async () => {
    const flow = await start<Uint8Array, Uint8Array>({
      mode,
      pipeline: { source: bytes() as never, dataBytes: 4096, capacity: 8 },
      process: { export: 'echoBytes' },
      write: toRing({ capacity: 8 }),
    });
    const reading = collect(flow.results());
    for (let position = 0; position < 40; position++) {
      const error = await refusal(flow.publish(new Uint8Array(2049)), 'EVENT_REFUSED');
      expect(error.message).toContain('takes 2048 at most: give the pipeline dataBytes 8192 or more');
      await flow.publish(new Uint8Array(2048));
      await flow.publish(new Uint8Array(position * 8));
      await flow.settled();
    }
    await flow.drain();
    expect((await reading).length).toBe(80);
  });

  it('waits for room: nothing is buffered when nobody reads', async () => {
    const flow = await start({
      mode,
      pipeline: { capacity: 8 },
      process: { laneBytes: 1024 },
      write: toRing({ capacity: 8 }),
    });
    let taken = 0;
    const counted = function* (): Generator<Num> {
      for (const event of nums(100_000)) {
        taken++;
        yield event;
      }
    };
    const publishing = refusal(flow.publish(counted()), 'FLOW_STOPPED');
    await until(() => flow.stats().threads[1]!.waiting === 'demand' && flow.stats().events === flow.published + 8);
    expect(flow.published).toBeLessThanOrEqual(8);
    // The one event for which there is no room.
    expect(taken).toBe(flow.stats().events + 1);
    let read = 0;
    for await (const { n } of flow.results()) {
      expect(n).toBe(read++);
      if (read === 2_000) break;
    }
    await publishing;
  });

  it('tryPublish says no when the ring is full, and the caller keeps its event', async () => {
    const shared = new Shared();
    const process = { export: 'asyncGated', data: { at: 0, ...shared.data } };
    const flow = await start({ mode, pipeline: { capacity: 4 }, process });
    let n = 0;
    while (flow.tryPublish({ n })) n++;
    expect(n).toBe(4);
    await shared.come();
    expect(flow.tryPublish({ n })).toBe(false);
    shared.open();
    await until(() => flow.tryPublish({ n }));
    expect(await drained(flow)).toEqual(nums(5));
  });

  it.each([
    ['a generator', broken],
    ['an async generator', () => asyncBroken()],
    ['a Node stream', () => Readable.from(asyncBroken())],
    ['a Web stream', () => ReadableStream.from(asyncBroken()) as AsyncIterable<Num>],
  ])('passes on the error of %s; the events before it stay published', async (_, source) => {
    const flow = await start({ mode: 'inline' });
    expect(await rejection(flow.publish(source()))).toBe(mine);
    await flow.publish({ n: 3 });
    expect(await drained(flow)).toEqual(nums(4));
  });

  it.each<[string, (flow: Flow<Num>) => Promise<AbortSignal | undefined>]>([
    ['after drain', async (flow) => void (await flow.drain())],
    ['after stop', async (flow) => void (await flow.stop())],
    ['with an aborted signal', async () => AbortSignal.abort(mine)],
  ])('closes a stream that it refuses %s', async (_, shut) => {
    const flow = await start<Num>({ mode, write: () => {} });
    const signal = await shut(flow);
    let closed = 0;
    const close = (): void => void closed++;
    const iterator = { next: () => new Promise(() => {}), return: close, [Symbol.asyncIterator]: () => iterator };
    const node = Readable.from(asyncBroken()).once('close', close);
    const web = new ReadableStream({ cancel: close });
    for (const source of [iterator, node, web]) {
      await rejection(flow.publish(source as AsyncIterable<Num>, signal === undefined ? {} : { signal }));
    }
    await until(() => closed === 3);
  });

  it('takes an async iterator whose next returns a plain object, as for await does', async () => {
    const flow = await start({ mode });
    let n = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({ next: () => (n < 3 ? { value: { n: n++ } } : { done: true }) }),
    };
    await flow.publish(source as unknown as AsyncIterable<Num>);
    expect(await drained(flow)).toEqual(nums(3));
  });

  it('refuses an event that the codec does not take; the flow goes on', async () => {
    const flow = await start<unknown, unknown>({ mode });
    for (const bad of ['text', undefined, null, {}, { n: 'x' }, { n: 2 ** 40 }]) {
      const error = await refusal(flow.publish(bad), 'EVENT_REFUSED');
      expect(error.cause).toMatchObject({ name: 'CodecError' });
    }
    await refusal(flow.publish([{ n: 0 }, { n: 1 }, { n: NaN }, { n: 9 }]), 'EVENT_REFUSED');
    expect(() => flow.tryPublish('text')).toThrow('[EVENT_REFUSED]');
    await flow.publish({ n: 2 });
    expect(await drained(flow)).toEqual(nums(3));
  });

  it.each([0, 1])(
    'refuses an event that is larger than the source ring, with the remedy (%i other producers)',
    async (producers) => {
      const source = value() as never;
      const flow = await start<unknown, unknown>({
        mode,
        pipeline: { source, producers, capacity: 16, dataBytes: 1024 },
        process: { export: 'echoValue' },
      });
      const error = await refusal(flow.publish('x'.repeat(3_000)), 'EVENT_REFUSED');
      expect(error.message).toMatch(
        /it takes 30\d\d bytes and the source ring takes \d+ at most: give the pipeline dataBytes 8192 or more/,
      );
      await refusal(
        flow.publish(() => 1),
        'EVENT_REFUSED',
      );
      await flow.publish('small');
      expect(await drained(flow)).toEqual(['small']);
    },
  );

  it.each([0, 1])(
    'an event takes one sequence, however little room there is for it (%i other producers)',
    async (producers) => {
      const flow = await start<unknown, unknown>({
        mode,
        pipeline: { source: value() as never, producers, capacity: 16, dataBytes: 512 },
        process: { export: 'echoValue' },
      });
      const events = Array.from({ length: 300 }, (_, i) => 'x'.repeat((i * 37) % 200));
      const [items] = await Promise.all([collect(flow.results()), flow.publish(events).then(() => flow.drain())]);
      expect(items).toEqual(events);
      expect(flow.published).toBe(300);
    },
  );

  it('refuses a publish or a drain by a getter of the event that is being written, and takes that event', async () => {
    const flow = await start({ mode });
    const told: unknown[] = [];
    const tell = (error: unknown): void => void told.push((error as MillraceError).code);
    const event = (inside: () => unknown): Num => ({
      get n() {
        inside();
        return 1;
      },
    });
    const publishes = (): void => {
      try {
        flow.tryPublish({ n: 7 });
      } catch (error) {
        tell(error);
      }
    };
    expect(flow.tryPublish(event(publishes))).toBe(true);
    expect(flow.tryPublish(event(() => void flow.drain().catch(tell)))).toBe(true);
    expect(() => flow.tryPublish(event(() => flow.tryPublish({ n: 7 })))).toThrow('[EVENT_REFUSED]');
    await flow.publish({ n: 2 });
    expect(await drained(flow)).toEqual([1, 1, 2].map((n) => ({ n })));
    expect(told).toEqual(['EVENT_REFUSED', 'EVENT_REFUSED']);
  });

  it('takes several publish calls at a time: each keeps its own order, and nothing is lost', async () => {
    const flow = await start({ mode, pipeline: { capacity: 4 }, write: toRing({ capacity: 4 }) });
    const calls = [0, 1, 2, 3].map((call) => {
      const events = nums(100, call * 1000);
      return flow.publish(call % 2 === 0 ? events : later(events));
    });
    const reading = collect(flow.results());
    await Promise.all(calls);
    await flow.drain();
    const items = await reading;
    expect(items).toHaveLength(400);
    for (const call of [0, 1, 2, 3]) {
      expect(items.filter(({ n }) => Math.floor(n / 1000) === call)).toEqual(nums(100, call * 1000));
    }
  });

  it('gives up waiting for room when its signal is aborted, also behind another call', async () => {
    const flow = await start({ mode, pipeline: { capacity: 4 }, write: toRing({ capacity: 4 }) });
    const aborts = [new AbortController(), new AbortController()];
    const reasons = [new Error('first'), new Error('second')];
    const calls = aborts.map(({ signal }, i) => rejection(flow.publish(nums(10_000, i * 10_000), { signal })));
    await until(() => flow.stats().threads[1]!.waiting === 'demand');
    await until(() => !flow.tryPublish({ n: -1 }));
    aborts[1]!.abort(reasons[1]);
    expect(await calls[1]).toBe(reasons[1]);
    aborts[0]!.abort(reasons[0]);
    expect(await calls[0]).toBe(reasons[0]);
    expect(await rejection(flow.publish(nums(1), { signal: aborts[0]!.signal }))).toBe(reasons[0]);
    for (const { signal } of aborts) expect(getEventListeners(signal, 'abort')).toEqual([]);
    // The flow itself goes on: everything that was taken arrives.
    const items = await drained(flow);
    expect(items.length).toBe(flow.stats().events);
  });

  it('gives up a silent source when its signal is aborted, and closes it', async () => {
    const flow = await start({ mode });
    const source = silent(nums(2));
    const abort = new AbortController();
    const publishing = rejection(flow.publish(source, { signal: abort.signal }));
    await until(() => source.asked === 1);
    abort.abort(mine);
    expect(await publishing).toBe(mine);
    expect(source.closed).toBe(1);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    expect(await drained(flow)).toEqual(nums(2));
  });

  it('gives up silent sources when the flow ends, and closes them', async () => {
    let cancelled: unknown;
    const web = new ReadableStream<Num>({
      cancel(reason) {
        cancelled = reason ?? 'cancelled';
      },
    });
    const node = new Readable({ objectMode: true, read() {} });
    const plain = silent(nums(1));
    for (const end of ['drain', 'stop'] as const) {
      const flow = await start({ mode });
      const code = end === 'drain' ? 'FLOW_ENDED' : 'FLOW_STOPPED';
      const sources = end === 'drain' ? [plain] : [web as AsyncIterable<Num>, node];
      const calls = sources.map((source) => refusal(flow.publish(source), code));
      if (end === 'drain') await until(() => plain.asked === 1);
      void flow.results();
      await flow[end]();
      await Promise.all(calls);
    }
    await until(() => cancelled !== undefined && node.destroyed && plain.closed === 1);
  });

  it('closes a source that it does not read to its end', async () => {
    const flow = await start<unknown, unknown>({ mode });
    let closed = 0;
    const source = function* (): Generator<unknown> {
      try {
        yield* [{ n: 0 }, 'bad', { n: 1 }];
      } finally {
        closed++;
      }
    };
    await refusal(flow.publish(source()), 'EVENT_REFUSED');
    const node = Readable.from(['bad', { n: 1 }]);
    await refusal(flow.publish(node), 'EVENT_REFUSED');
    expect(closed).toBe(1);
    await until(() => node.destroyed);
  });

  it('a flow of n sequences takes no events and ends by itself; one of none ends at once', async () => {
    for (const count of [0, 1000]) {
      const flow = await pipeline({ source: sequences(count), startAt: 7, graceMs: 500 })
        .process<{ default: { output?: import('millrace').Codec<number> } }>(PROCESSORS, { export: 'bare', threads: 1 })
        .write(toRing({ capacity: 16 }))
        .start({ mode });
      const reading = collect(flow.results());
      await refusal(flow.publish(1 as never), 'NOT_A_RING_SOURCE');
      expect(() => flow.tryPublish(1 as never)).toThrow('[NOT_A_RING_SOURCE]');
      expect(() => flow.producer()).toThrow('[NOT_A_RING_SOURCE]');
      await flow.ended;
      expect(flow.state).toBe('ended');
      expect(await reading).toEqual(Array.from({ length: count }, (_, i) => i + 7));
      expect(flow.stats()).toMatchObject({ events: count, published: count });
      await flow.drain();
    }
  });
});

function* broken(): Generator<Num> {
  yield* nums(3);
  throw mine;
}

async function* asyncBroken(): AsyncGenerator<Num> {
  yield* nums(3);
  throw mine;
}

void Num;
