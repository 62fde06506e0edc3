/** Events that are filled in place, and sequences that are skipped: by the flow itself, and by producers. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  attachProducer,
  bool,
  bytes,
  type Codec,
  type CodecError,
  type Flow,
  f64,
  i32,
  i64,
  type MillraceError,
  sequences,
  struct,
  text,
  toRing,
  u8,
  u32,
  value,
} from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  drained,
  fixture,
  type Given,
  MODES,
  type Mode,
  refusal,
  start,
} from '../support/lifecycle.ts';

cleanUp();

const Tick = struct({ price: f64, size: i32, name: text(8), open: bool });
interface Seen {
  sequence: number;
  n: number;
  name: string;
}

const SOURCES = { ticks: Tick, numbers: i32, bytes: u8, bigints: i64, values: value(), bare: sequences() };

type SourceName = keyof typeof SOURCES;
type FlowFrom<S extends SourceName> = Flow<never, Seen, (typeof SOURCES)[S]>;

async function startOf<S extends SourceName>(source: S, mode: Mode, given: Given = {}): Promise<FlowFrom<S>> {
  const flow = await start<never, Seen>({
    mode,
    module: fixture('processors.mjs', 'filling-'),
    write: toRing({ capacity: 1_024 }),
    ...given,
    process: { threads: 2, export: source, ...given.process },
    pipeline: { source: SOURCES[source] as Codec<unknown, never>, ...given.pipeline },
  });
  return flow as unknown as FlowFrom<S>;
}

const numbersOf = (items: readonly Seen[]): number[] => items.map(({ n }) => n);

/** What a call throws. */
function thrown(call: () => unknown): MillraceError {
  try {
    call();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('nothing was thrown');
}

describe.each(MODES)('next() and commit() in the mode %s', (mode) => {
  it('publish one event each, filled by assignments, by one object', async () => {
    const flow = await startOf('ticks', mode, { pipeline: { capacity: 4 } });
    const reading = collect(flow.results());
    const seen = new Set<object>();
    for (let size = 0; size < 100; size++) {
      const tick = flow.tryNext() ?? (await flow.next());
      seen.add(tick);
      tick.size = size;
      if (size % 2 === 0) tick.price = 1_000;
      if (size % 3 === 0) tick.name = `${size}`;
      if (size % 5 === 0) tick.open = true;
      expect(tick.size).toBe(size);
      flow.commit();
    }
    expect(seen.size).toBe(1);
    await flow.drain();
    expect(await reading).toEqual(
      Array.from({ length: 100 }, (_, size) => ({
        sequence: size,
        n: size + (size % 2 === 0 ? 1_000 : 0) + (size % 5 === 0 ? 0.5 : 0),
        name: size % 3 === 0 ? `${size}` : '',
      })),
    );
  });

  it('check each assignment as publish does; the event stays open, and can be mended', async () => {
    const flow = await startOf('ticks', mode);
    const tick = await flow.next();
    tick.size = 7;
    for (const [field, bad, code] of [
      ['size', 1.5, 'OUT_OF_RANGE'],
      ['size', '5', 'WRONG_TYPE'],
      ['name', 'far too long', 'TOO_LARGE'],
      ['open', undefined, 'MISSING_FIELD'],
    ] as const) {
      const error = thrown(() => Object.assign(tick, { [field]: bad })) as unknown as CodecError;
      expect([error.code, error.field]).toEqual([code, field]);
    }
    expect(() => Object.assign(tick, { sise: 1 })).toThrow(TypeError);
    expect([tick.size, tick.name]).toEqual([7, '']);
    flow.commit();
    expect(numbersOf(await drained(flow))).toEqual([7]);
  });

  it('what is assigned after commit reaches nobody', async () => {
    const flow = await startOf('ticks', mode, { pipeline: { capacity: 1 } });
    const tick = await flow.next();
    tick.size = 1;
    flow.commit();
    tick.size = 2;
    tick.name = 'late';
    expect([tick.size, tick.name]).toEqual([2, 'late']);
    const again = await flow.next();
    expect([again.size, again.name]).toEqual([0, '']);
    tick.price = 3;
    flow.commit();
    expect(numbersOf(await drained(flow))).toEqual([1, 3]);
  });

  it('abort gives the event back, and the next one takes its sequence', async () => {
    const flow = await startOf('ticks', mode);
    (await flow.next()).size = 1;
    flow.abort();
    (await flow.next()).price = 2;
    flow.commit();
    expect(await drained(flow)).toEqual([{ sequence: 0, n: 2, name: '' }]);
  });

  it('tryNext finds no room where the ring is full, and next waits', async () => {
    const flow = await startOf('ticks', mode, { pipeline: { capacity: 2 } });
    flow.pause();
    const fill = (size: number): boolean => {
      const tick = flow.tryNext();
      if (tick === undefined) return false;
      tick.size = size;
      flow.commit();
      return true;
    };
    let size = 0;
    while (fill(size)) size++;
    expect(size).toBeGreaterThanOrEqual(2);
    const waiting = flow.next();
    flow.resume();
    (await waiting).size = size;
    flow.commit();
    expect(numbersOf(await drained(flow))).toEqual(Array.from({ length: size + 1 }, (_, i) => i));
  });
});

describe.each(MODES)('claim(n) and commit(k) in the mode %s', (mode) => {
  it('publish what a loop has written, wherever the ring wraps', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 16 } });
    const reading = collect(flow.results());
    const rooms: number[] = [];
    for (let done = 0; done < 500; ) {
      const room = flow.tryClaim(500 - done) || (await flow.claim(500 - done));
      const { items, begin } = flow;
      for (let i = 0; i < room; i++) items[begin + i] = -(done + i);
      rooms.push(room);
      flow.commit(room);
      done += room;
    }
    expect(Math.max(...rooms)).toBeLessThanOrEqual(16);
    await flow.drain();
    expect(numbersOf(await reading)).toEqual(Array.from({ length: 500 }, (_, i) => 0 - i));
  });

  it('commit a part of a claim; what follows has the sequences of the rest', async () => {
    const flow = await startOf('bytes', mode);
    expect(await flow.claim(10)).toBe(10);
    flow.items.fill(300, flow.begin, flow.begin + 10);
    flow.commit(3);
    expect(await flow.claim(2)).toBe(2);
    flow.commit(0);
    expect(await flow.claim(2)).toBe(2);
    flow.abort();
    await flow.publish([7, 8] as never);
    expect(await drained(flow)).toEqual([44, 44, 44, 7, 8].map((n, sequence) => ({ sequence, n, name: '' })));
  });

  it('give bigints for i64', async () => {
    const flow = await startOf('bigints', mode);
    await flow.claim(1);
    flow.items[flow.begin] = -5n;
    flow.commit(1);
    expect(numbersOf(await drained(flow))).toEqual([-5]);
  });

  it('what is written by a stale index reaches nobody', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 4 } });
    await flow.claim(4);
    flow.items.set([1, 2, 3, 4], flow.begin);
    flow.commit(4);
    for (let i = 0; i < 4; i++) flow.items[flow.begin + i] = 9;
    expect(numbersOf(await drained(flow))).toEqual([1, 2, 3, 4]);
  });
});

describe.each(MODES)('skip(n) in the mode %s', (mode) => {
  it('passes over sequences: what follows keeps its number, and no processor sees them', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 8, startAt: 100 } });
    const reading = collect(flow.results());
    await flow.skip(3);
    await flow.publish([1, 2] as never);
    await flow.skip(1_000);
    await flow.publish([3] as never);
    await flow.skip(0);
    await flow.skip(2);
    await flow.drain();
    expect(await reading).toEqual([
      { sequence: 103, n: 1, name: '' },
      { sequence: 104, n: 2, name: '' },
      { sequence: 1105, n: 3, name: '' },
    ]);
    expect(flow.published).toBe(1_108);
  });

  it.each(['values', 'ticks', 'bare'] as const)('a source of %s does the same', async (source) => {
    const flow = await startOf(source, mode, {
      pipeline: { capacity: 64, dataBytes: source === 'values' ? 4_096 : undefined },
    });
    const reading = collect(flow.results());
    const event = { values: (n: number) => n, ticks: (n: number) => ({ price: n, size: 0, name: '', open: false }) };
    const expected: number[] = [];
    for (let sequence = 0; sequence < 2_000; ) {
      const skipped = (sequence * 7) % 90;
      await flow.skip(skipped);
      sequence += skipped;
      if (source === 'bare') await flow.advance(1);
      else await flow.publish(event[source](sequence) as never);
      expected.push(sequence++);
    }
    await flow.drain();
    const items = await reading;
    expect(numbersOf(items)).toEqual(expected);
    expect(items.map(({ sequence }) => sequence)).toEqual(expected);
  });

  it('gives the same results as a processor that says it is not interested', async () => {
    const plain = await startOf('numbers', mode);
    const even = Array.from({ length: 300 }, (_, n) => n).filter((n) => n % 3 === 0);
    const reading = collect(plain.results());
    for (let n = 0; n < 300; n++) {
      if (n % 3 === 0) await plain.publish(n as never);
      else expect(plain.trySkip(1) || (await plain.skip(1))).toSatisfy((done) => done === 1 || done === undefined);
    }
    await plain.drain();
    expect(await reading).toEqual(even.map((n) => ({ sequence: n, n, name: '' })));
  });

  it('trySkip says how many there was room for, and 0 where there is none', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 8 } });
    flow.pause();
    let skipped = 0;
    for (;;) {
      const some = flow.trySkip(100);
      expect(some).toBeLessThanOrEqual(8);
      if (some === 0) break;
      skipped += some;
    }
    expect(skipped).toBeGreaterThanOrEqual(8);
    const waiting = flow.skip(20);
    flow.resume();
    await waiting;
    await flow.publish([5] as never);
    expect(await drained(flow)).toEqual([{ sequence: skipped + 20, n: 5, name: '' }]);
  });

  it('gives up waiting when its signal says so', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 2 } });
    flow.pause();
    while (flow.trySkip(1) > 0);
    const controller = new AbortController();
    const waiting = [flow.skip(5, { signal: controller.signal }), flow.claim(5, { signal: controller.signal })].map(
      (promise) => promise.catch((error: unknown) => error),
    );
    controller.abort(new Error('enough'));
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ message: 'enough' });
    flow.resume();
    await flow.publish([1] as never);
    expect(numbersOf(await drained(flow))).toEqual([1]);
  });
});

describe('misuse of what fills events in place', () => {
  it('is refused while an event or a claim is open, which stays as it is', async () => {
    const ticks = await startOf('ticks', 'inline');
    ticks.tryNext()!.size = 5;
    const open = [
      () => ticks.tryNext(),
      () => ticks.tryPublish({ price: 1, size: 1, name: '', open: false } as never),
      () => ticks.trySkip(1),
    ];
    for (const call of open) {
      const { code, message } = thrown(call);
      expect([code, message]).toEqual([
        'EVENT_REFUSED',
        expect.stringMatching(/what next\(\) gave is open: call commit\(\) first, or abort\(\)/),
      ]);
    }
    for (const call of [
      () => ticks.next(),
      () => ticks.skip(1),
      () => ticks.publish([]),
      () => ticks.publish({ price: 1, size: 1, name: '', open: false } as never),
    ]) {
      await refusal(call(), 'EVENT_REFUSED');
    }
    expect(thrown(() => (ticks as { commit(count: number): void }).commit(1))).toMatchObject({ code: 'BAD_OPTIONS' });
    ticks.commit();
    expect(numbersOf(await drained(ticks))).toEqual([5]);

    const numbers = await startOf('numbers', 'inline');
    expect(numbers.tryClaim(3)).toBe(3);
    numbers.items[numbers.begin] = 5;
    const { code, message } = thrown(() => numbers.tryClaim(1));
    expect([code, message]).toEqual([
      'EVENT_REFUSED',
      expect.stringMatching(/claim\(n\) gave is open: call commit\(k\) first/),
    ]);
    for (const count of [-1, 4, Number.NaN, 1.5, '1', undefined, null]) {
      const error = thrown(() => numbers.commit(count as number));
      expect([error.code, error.message]).toEqual(['BAD_OPTIONS', expect.stringContaining('an integer from 0 to 3')]);
    }
    numbers.commit(1);
    expect(numbersOf(await drained(numbers))).toEqual([5]);
  });

  it('a commit or an abort needs something open', async () => {
    const flow = await startOf('numbers', 'inline');
    for (const call of [() => flow.commit(1), () => flow.abort()]) {
      expect(thrown(call)).toMatchObject({
        code: 'EVENT_REFUSED',
        message: expect.stringContaining('without an open claim'),
      });
    }
    await flow.claim(1);
    flow.commit(1);
    expect(thrown(() => flow.commit(1))).toMatchObject({ code: 'EVENT_REFUSED' });
  });

  it('counts have to be counts', async () => {
    const flow = await startOf('numbers', 'inline');
    for (const bad of [0, -1, Number.NaN, 1.5, '5', undefined, 2 ** 53]) {
      expect(thrown(() => flow.tryClaim(bad as number))).toMatchObject({ code: 'BAD_OPTIONS' });
      await refusal(flow.claim(bad as number), 'BAD_OPTIONS');
      if (bad === 0) continue;
      expect(thrown(() => flow.trySkip(bad as number))).toMatchObject({ code: 'BAD_OPTIONS' });
      await refusal(flow.skip(bad as number), 'BAD_OPTIONS');
    }
    await refusal(flow.claim(1, { signals: 1 } as never), 'BAD_OPTIONS');
  });

  it('a source of another codec says so', async () => {
    const ticks = (await startOf('ticks', 'inline')) as never as Flow<never, Seen, typeof i32>;
    expect(thrown(() => ticks.tryClaim(1)).message).toMatch(
      /^\[BAD_OPTIONS\] claim\(n\) fills .* and the source has struct/,
    );
    expect(ticks.items).toBe(undefined);
    for (const source of ['numbers', 'values', 'bare'] as const) {
      const flow = (await startOf(source, 'inline')) as never as Flow<never, Seen, typeof Tick>;
      expect(thrown(() => flow.tryNext()).message).toMatch(
        /^\[BAD_OPTIONS\] next\(\) fills events of a struct, and the source has/,
      );
    }
    const all = await start({
      mode: 'inline',
      pipeline: { source: sequences(3) as never, capacity: undefined },
      module: fixture('processors.mjs', 'filling-'),
      process: { export: 'bare' },
    });
    await refusal(all.skip(1), 'NOT_A_RING_SOURCE');
    expect(thrown(() => all.trySkip(1))).toMatchObject({ code: 'NOT_A_RING_SOURCE' });
  });

  it('nothing is filled in a getter of an event that is being written', async () => {
    const flow = await startOf('ticks', 'inline');
    const error = await refusal(
      flow.publish({
        get price() {
          return flow.tryNext()!.price;
        },
        size: 1,
        name: '',
        open: true,
      } as never),
      'EVENT_REFUSED',
    );
    expect((error.cause as Error).cause).toMatchObject({
      message: expect.stringContaining('next() in the middle of a publish'),
    });
    await flow.publish({ price: 1, size: 1, name: '', open: false } as never);
    expect(numbersOf(await drained(flow))).toEqual([2]);
  });
});

describe.each(MODES)('what is open when the source ends, in the mode %s', (mode) => {
  it('is not published by a drain', async () => {
    const flow = await startOf('numbers', mode);
    await flow.publish([1] as never);
    await flow.claim(5);
    expect(numbersOf(await drained(flow))).toEqual([1]);
    expect(thrown(() => flow.commit(1))).toMatchObject({ code: 'EVENT_REFUSED' });
    expect(thrown(() => flow.tryClaim(1))).toMatchObject({ code: 'FLOW_ENDED' });
    expect(thrown(() => flow.trySkip(1))).toMatchObject({ code: 'FLOW_ENDED' });
    await refusal(flow.skip(1), 'FLOW_ENDED');
  });

  it('holds no stop up, and no publish that waits for it', async () => {
    const flow = await startOf('numbers', mode, { pipeline: { capacity: 2 } });
    flow.pause();
    const publishing = refusal(flow.publish([1, 2, 3, 4, 5, 6, 7, 8] as never), 'FLOW_STOPPED');
    const claiming = refusal(
      (async () => {
        for (;;) {
          await flow.claim(1);
          await new Promise(() => {});
        }
      })(),
      'FLOW_STOPPED',
    ).catch(() => {});
    await flow.stop();
    await publishing;
    void claiming;
  });
});

it('what a promise gives is on its way for a turn: other calls find no room, or wait, and then refuse', async () => {
  const flow = await startOf('numbers', 'inline');
  const other = async (): Promise<number> => {
    const room = await flow.claim(1);
    flow.items[flow.begin] = 2;
    flow.commit(1);
    return room;
  };
  // The second call comes before the first one's taker could commit.
  const [first, second] = await Promise.all([
    (async () => {
      const room = await flow.claim(2);
      flow.items[flow.begin] = 1;
      flow.commit(1);
      return room;
    })(),
    other(),
  ]);
  expect([first, second]).toEqual([2, 1]);
  const given = flow.claim(1);
  expect([flow.tryClaim(1), flow.trySkip(1), flow.tryPublish(5 as never)]).toEqual([0, 0, false]);
  let closed = 0;
  const unread = {
    next: () => ({ done: false, value: 5 }),
    return: () => ({ done: true, value: closed++ }),
    [Symbol.iterator]: () => unread,
  };
  const late = [flow.publish(5 as never), flow.publish(unread as never), flow.skip(1), flow.claim(1)];
  const refused = Promise.all(late.map((call) => refusal(call, 'EVENT_REFUSED')));
  await given;
  await refused;
  expect(closed).toBe(1);
  expect(thrown(() => flow.tryClaim(1))).toMatchObject({ code: 'EVENT_REFUSED' });
  flow.abort();
  expect(numbersOf(await drained(flow))).toEqual([1, 2]);
});

it('a publish that is under way waits while an event is open, and goes on', async () => {
  const flow = await startOf('numbers', 'threads', { pipeline: { capacity: 4 } });
  const reading = collect(flow.results());
  const publishing = flow.publish(Array.from({ length: 1_000 }, (_, n) => n) as never);
  const skipping = flow.skip(50);
  for (let n = 0; n < 200; n++) {
    await flow.claim(1);
    flow.items[flow.begin] = -1;
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    flow.commit(1);
  }
  await Promise.all([publishing, skipping]);
  await flow.drain();
  const items = numbersOf(await reading);
  expect(items.filter((n) => n >= 0)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  expect(items.filter((n) => n < 0)).toHaveLength(200);
});

it.each([0, 1])('settled does not wait for an event that is open here (%i other producers)', async (producers) => {
  const flow = await startOf('numbers', 'threads', { pipeline: { producers } });
  const reading = collect(flow.results());
  await flow.publish([1, 2] as never);
  await flow.claim(3);
  await flow.settled();
  expect(flow.published).toBe(2);
  flow.abort();
  await flow.settled();
  await flow.publish([3] as never);
  await flow.drain();
  expect(numbersOf(await reading)).toEqual([1, 2, 3]);
});

describe('producers on other threads', () => {
  const run = async (handle: unknown, how: string, from: number, count: number): Promise<() => Promise<unknown>> => {
    const worker = new Worker(fixture('producer.mjs', 'filling-'), { workerData: { handle, how, from, count } });
    await once(worker, 'message');
    return async () => {
      const told = once(worker, 'message').then(([message]) => message as unknown);
      worker.postMessage('go');
      const message = await told;
      await worker.terminate();
      return message;
    };
  };

  it.each([
    ['next', 'ticks'],
    ['claim', 'numbers'],
    ['claim', 'bytes'],
    ['skip', 'numbers'],
    ['skip', 'values'],
  ] as const)('two of them %s into a source of %s: each order is kept', async (how, source) => {
    const flow = await startOf(source, 'threads', { pipeline: { producers: 2, capacity: 32 } });
    const reading = collect(flow.results());
    const count = source === 'bytes' ? 100 : 2_000;
    const goes = [await run(flow.producer(), how, 0, count), await run(flow.producer(), how, count, count)];
    expect(await Promise.all(goes.map((go) => go()))).toEqual(['done', 'done']);
    await flow.drain();
    const items = numbersOf(await reading);
    for (const [i, part] of [items.filter((n) => n < count), items.filter((n) => n >= count)].entries()) {
      expect(part).toEqual(Array.from({ length: count }, (_, n) => i * count + n));
    }
    const sequencesTaken = how === 'skip' ? 20 * count : 2 * count;
    expect(flow.published).toBe(sequencesTaken);
  });

  it('what a claim of a shared source did not fill is void, and holds nobody up', async () => {
    const flow = await startOf('numbers', 'threads', { pipeline: { producers: 1, capacity: 64 } });
    const producer = attachProducer(flow.producer(), i32);
    expect(producer.tryClaim(10)).toBe(10);
    expect(producer.begin).toBe(0);
    producer.items[0] = 5;
    producer.commit(1);
    producer.tryClaim(2);
    producer.abort();
    expect(producer.tryPublish(6)).toBe(true);
    expect(producer.tryPublish(7)).toBe(true);
    expect(producer.trySkip(3)).toBe(3);
    expect(producer.trySkip(1)).toBe(1);
    expect(producer.tryPublish(8)).toBe(true);
    producer.close();
    const items = await drained(flow);
    expect(items.map(({ sequence, n }) => [sequence, n])).toEqual([
      [0, 5],
      [12, 6],
      [13, 7],
      [18, 8],
    ]);
  });

  it('a producer that closes with an open event gives it back', async () => {
    const flow = await startOf('ticks', 'threads', { pipeline: { producers: 1 } });
    const producer = attachProducer(flow.producer(), Tick);
    producer.tryNext()!.size = 5;
    const event = { price: 0, size: 0, name: '', open: false };
    for (const call of [() => producer.tryPublish(event), () => producer.trySkip(1), () => producer.tryNext()]) {
      expect(call).toThrow('call commit() first');
    }
    await refusal(producer.publishAll([event]), 'EVENT_REFUSED');
    producer.close();
    expect(() => producer.tryNext()).toThrow('this producer has been closed');
    await flow.publish({ price: 1, size: 1, name: '', open: false } as never);
    expect(numbersOf(await drained(flow))).toEqual([2]);
  });

  it('a producer whose handle is revoked is told so', async () => {
    const flow = await startOf('ticks', 'threads', { pipeline: { producers: 1 } });
    const handle = flow.producer();
    const producer = attachProducer(handle, Tick);
    producer.tryNext()!.size = 5;
    flow.revoke(handle);
    expect(() => producer.commit()).toThrow('HANDLE_REVOKED');
    expect(() => producer.tryNext()).toThrow('HANDLE_REVOKED');
    expect(() => producer.trySkip(1)).toThrow('HANDLE_REVOKED');
    await flow.drain();
  });

  it('attachProducer refuses a codec that is not the source’s', async () => {
    const flow = await startOf('ticks', 'threads', { pipeline: { producers: 1 } });
    expect(thrown(() => attachProducer(flow.producer(), i32))).toMatchObject({ code: 'CODEC_MISMATCH' });
    expect(thrown(() => attachProducer(flow.producer(), 'i32' as never))).toMatchObject({ code: 'BAD_OPTIONS' });
    attachProducer(flow.producer(), struct({ price: f64, size: i32, name: text(8), open: bool })).close();
    expect(bytes).toBeTypeOf('function');
  });
});

describe('the examples of docs/publishing.md', () => {
  const page = readFileSync(new URL('../../../../docs/publishing.md', import.meta.url), 'utf8');
  /** Each block is one function. */
  const examples = new Map(
    [...page.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => {
      const run = new Function(`return (${code})`)() as (...args: unknown[]) => Promise<void>;
      return [run.name, run];
    }),
  );

  it('publish ticks, numbers, and parts with gaps', async () => {
    expect([...examples.keys()]).toEqual(['publishTicks', 'publishNumbers', 'publishParts']);
    const ticks = await start<never, Seen>({
      mode: 'inline',
      module: fixture('processors.mjs', 'filling-'),
      process: { export: 'prices' },
      pipeline: { source: struct({ price: f64, size: u32 }) as unknown as Codec<unknown, never>, capacity: 4 },
    });
    const reading = collect(ticks.results());
    await examples.get('publishTicks')!(ticks, 10);
    await ticks.drain();
    expect((await reading).map(({ n }) => n)).toEqual(Array.from({ length: 10 }, (_, i) => 101 + i / 8));

    const numbers = await startOf('numbers', 'threads', { pipeline: { producers: 1, capacity: 8 } });
    const read = collect(numbers.results());
    const code = String(examples.get('publishNumbers'));
    const worker = new Worker(fixture('example.mjs', 'filling-'), {
      workerData: { code, args: [numbers.producer(), 100] },
    });
    await once(worker, 'exit');
    await examples.get('publishParts')!(numbers, [
      { events: [7, 8], gap: 1_000 },
      { events: [9], gap: 5 },
    ]);
    await numbers.drain();
    const expected = Array.from({ length: 100 }, (_, n) => [n, n]);
    expect((await read).map(({ sequence, n }) => [sequence, n])).toEqual([...expected, [100, 7], [101, 8], [1_102, 9]]);
    expect(numbers.published).toBe(1_108);
  });
});
