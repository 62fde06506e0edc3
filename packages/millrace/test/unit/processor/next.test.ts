/** Structs written field by field, in place: next. */
import { bool, bytes, f64, i32, i64, struct, text, u8, u16, u32, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { EventOutput } from '../../../src/processor/event-output.ts';
import type { AnyOutput } from '../../../src/processor/output.ts';
import { HandFlow, type HandOptions, randomBy } from '../../support/hand-flow.ts';
import { type AnyCodec, outputOf, refusal } from '../../support/output-lane.ts';

interface Quote {
  day: number;
  price: number;
  hot: boolean;
  big: bigint;
  name: string;
}

const Quote = struct({ day: u16, price: f64, hot: bool, big: i64, name: text(5) }) as unknown as AnyCodec;
/** Larger than what is zeroed word by word. */
const Large = struct(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, f64]))) as unknown as AnyCodec;
const Small = struct({ a: u8, b: u8 }) as unknown as AnyCodec;

const quoteOf = (i: number): Quote => ({
  day: i % 50_000,
  price: i / 3,
  hot: i % 3 === 0,
  big: BigInt(i) - 100n,
  name: `é${i % 90}`,
});
const NOTHING: Quote = { day: 0, price: 0, hot: false, big: 0n, name: '' };

describe('next', () => {
  // Whether its place had moved meanwhile decided whether the assignment was seen.
  test.each([32, 64, 128])('what is assigned behind an emit reaches nothing, with runs of %d bytes', (batchBytes) => {
    const { output, items } = outputOf(Small, { laneBytes: 256, batchBytes });
    for (let i = 0; i < 300; i++) {
      const item = output.next() as { a: number; b: number };
      item.a = i % 250;
      output.emit({ a: 1, b: 2 });
      item.b = 3;
    }
    output.finish();
    const wanted = Array.from({ length: 300 }, (_, i) => [
      { a: i % 250, b: 0 },
      { a: 1, b: 2 },
    ]);
    expect(items()).toEqual(wanted.flat());
  });

  test.each([32, 64, 128])('what it hands out may be emitted, once more, with runs of %d bytes', (batchBytes) => {
    const { output, items } = outputOf(Small, { laneBytes: 256, batchBytes });
    for (let i = 0; i < 300; i++) {
      const item = output.next() as { a: number; b: number };
      item.a = i % 250;
      output.emit(item);
    }
    output.finish();
    const wanted = Array.from({ length: 600 }, (_, i) => ({ a: (i >> 1) % 250, b: 0 }));
    expect(items()).toEqual(wanted);
  });

  test.each([128, 256, 1_024])('lies in a lane of %d bytes as emitted items do, mixed with emit', (laneBytes) => {
    for (const batchBytes of [32, 64, 200]) {
      const sizes = { laneBytes, batchBytes: Math.min(batchBytes, laneBytes / 2) };
      const [byNext, byEmit] = [outputOf(Quote, sizes), outputOf(Quote, sizes)];
      for (let sequence = 0; sequence < 60; sequence++) {
        for (const { output } of [byNext, byEmit]) {
          output.current = sequence;
          for (let i = 0; i < (sequence * 7) % 23; i++) {
            const item = quoteOf(100 * sequence + i);
            if (output === byEmit.output || i % 4 === 3) output.emit(item);
            else Object.assign(output.next(), item);
          }
          output.finish();
        }
      }
      expect(byNext.take()).toEqual(byEmit.take());
      expect(byNext.counts).toEqual(byEmit.counts);
    }
  });

  test.each([
    ['words', Quote, quoteOf, NOTHING],
    ['bytes', Small, (i: number) => ({ a: i % 256, b: 255 }), { a: 0, b: 0 }],
    [
      'one fill',
      Large,
      (i: number) => Object.fromEntries(Array.from({ length: 40 }, (_, f) => [`f${f}`, i + f + 1])),
      Object.fromEntries(Array.from({ length: 40 }, (_, f) => [`f${f}`, 0])),
    ],
  ])('gives an item of zeros whatever lay there before, by %s', (_, codec, itemOf, nothing) => {
    const laneBytes = codec === Large ? 1_024 : 128;
    const { output, items } = outputOf(codec, { laneBytes, batchBytes: laneBytes / 2 });
    const count = 50;
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < count; i++) output.emit(itemOf(i));
      output.finish();
      for (let i = 0; i < count; i++) output.next();
      output.finish();
    }
    expect(items().slice(-count)).toEqual(Array.from({ length: count }, () => nothing));
  });

  test('keeps what is assigned, in any order and more than once, and reads it back', () => {
    const { output, items } = outputOf(Quote);
    const quote = output.next() as Quote;
    quote.name = 'x';
    quote.day = 1;
    quote.price = 2.5;
    quote.day++;
    quote.big = 7n;
    expect({ day: quote.day, price: quote.price, hot: quote.hot, big: quote.big, name: quote.name }).toEqual({
      ...NOTHING,
      day: 2,
      price: 2.5,
      big: 7n,
      name: 'x',
    });
    output.finish();
    expect(items()).toEqual([{ ...NOTHING, day: 2, price: 2.5, big: 7n, name: 'x' }]);
  });

  test.each([
    { day: 70_000 },
    { day: 1.5 },
    { day: '1' },
    { price: '1' },
    { hot: 1 },
    { big: 1 },
    { name: 'too long for it' },
  ])('refuses %o as emit does, and the item stays as it was', (bad) => {
    const { output, items } = outputOf(Quote);
    const byEmit = refusal(() => output.emit({ ...quoteOf(1), ...bad }));
    const quote = Object.assign(output.next(), quoteOf(2));
    const bySetter = refusal(() => Object.assign(quote, bad));
    expect([bySetter.code, bySetter.message]).toEqual([byEmit.code, byEmit.message]);
    output.emit(quoteOf(3));
    output.finish();
    expect(items()).toEqual([quoteOf(2), quoteOf(3)]);
  });

  test('nothing can be added to it', () => {
    const { output } = outputOf(Quote);
    expect(() => Object.assign(output.next(), { more: 1 })).toThrow(TypeError);
  });

  type Flow = ReturnType<typeof outputOf>;
  const first = Array.from({ length: 100 }, (_, i) => quoteOf(i));
  /** How an item ends, and what is delivered of it and of what follows it up to there. */
  const ENDS: [string, end: (flow: Flow) => void, delivered: (item: Quote) => Quote[]][] = [
    ['its event', ({ output }) => output.finish(), (item) => [item]],
    [
      'an event that failed',
      ({ output }) => {
        output.discard();
        output.close();
        output.open();
      },
      () => [],
    ],
    [
      'a run that emit has cut',
      ({ output }) => {
        for (const item of first) output.emit(item);
      },
      (item) => [item, ...first],
    ],
  ];
  test.each(ENDS)('an assignment after the end of %s reaches nothing', (_, end, delivered) => {
    // The lane is written again and again, so that what lay there is another item's.
    const flow = outputOf(Quote, { laneBytes: 256, batchBytes: 64 });
    const { output, items } = flow;
    const kept: Quote[] = [];
    const spoil = (): void => {
      for (const quote of kept) Object.assign(quote, { day: 9, price: -1, hot: true, big: -1n, name: 'late' });
    };
    const wanted: Quote[] = [];
    for (output.current = 0; output.current < 40; output.current++) {
      const item = quoteOf(output.current);
      kept.push(Object.assign(output.next(), item) as Quote);
      end(flow);
      spoil();
      output.emit(quoteOf(77));
      spoil();
      output.finish();
      spoil();
      wanted.push(...delivered(item), quoteOf(77));
    }
    expect(items()).toEqual(wanted);
  });

  test('is refused where emit is', () => {
    const { output } = outputOf(Quote);
    output.current = 3;
    output.next();
    output.finish();
    output.close();
    expect(refusal(() => output.next()).message).toContain('while this thread has no event in work');
    output.close('interested');
    expect(refusal(() => output.next()).message).toContain('emit in `interested`');
    output.open();
    const given = new EventOutput(output, 2);
    Object.assign(given.next(), quoteOf(1));
    output.finish();
    given.end();
    output.retire(2);
    for (const out of [given, output]) {
      expect(refusal(() => out.next())).toMatchObject({ code: 'EMIT_REFUSED', sequence: 3 });
      expect(refusal(() => out.next()).message).toContain('attempt 2, which has ended');
    }
  });

  test('is refused in a getter of an item that is being emitted', () => {
    const { output, items } = outputOf(Quote);
    output.emit(quoteOf(1));
    const nesting = Object.defineProperty(quoteOf(2), 'price', { get: () => Object.assign(output.next(), quoteOf(9)) });
    expect(refusal(() => output.emit(nesting)).message).toContain('emit in the middle of an emit');
    output.emit(quoteOf(3));
    output.finish();
    expect(items()).toEqual([quoteOf(1), quoteOf(3)]);
  });

  test('that is rehearsed is seen by nobody', () => {
    const { output, take, counts } = outputOf(Quote, { laneBytes: 128, batchBytes: 64 });
    output.rehearse();
    for (output.current = 0; output.current < 20; output.current++) {
      for (let i = 0; i < 50; i++) Object.assign(output.next(), quoteOf(i));
      output.finish();
    }
    output.forget();
    expect([take(), counts]).toEqual([[], { waits: 0, filled: 0 }]);
  });

  test.each([
    ['i32', i32 as never],
    ['f64', f64 as never],
    ['value()', value() as never],
    ['bytes', bytes() as never],
    ['bool', bool as never],
  ] as [string, AnyCodec][])('is not for items of %s, and says what to do', (_, codec) => {
    const { output } = outputOf(codec);
    output.current = 8;
    expect(refusal(() => output.next())).toMatchObject({ code: 'EMIT_REFUSED', sequence: 8 });
    expect(refusal(() => output.next()).message).toMatch(/next is for items that are a struct: use emit$/);
  });
});

describe('in a flow played by hand', () => {
  const Item = struct({ sequence: u32, index: u32, more: u32 });
  const EVENTS = 30;
  const countOf = (sequence: number): number => [0, 1, 3, 40, 2][sequence % 5]!;
  const all = Array.from({ length: EVENTS }, (_, sequence) =>
    Array.from({ length: countOf(sequence) }, (__, index) => ({ sequence, index, more: 0 })),
  ).flat();
  type Item = (typeof all)[number];

  const flowOf = (
    process: (sequence: number, out: AnyOutput) => unknown,
    options: Partial<HandOptions['process']> = {},
    seed = 1,
  ): HandFlow =>
    new HandFlow(
      { output: Item as never, process: process as never },
      {
        pipeline: { source: sequences(EVENTS) },
        process: { threads: 2, laneBytes: 256, batchBytes: 64, ...options },
        write: { capacity: 16 },
      },
      randomBy(seed),
    );
  /** Of the last item of each event nothing is assigned behind the end of it. */
  const write = (out: AnyOutput, sequence: number, from: number, to: number): Item | undefined => {
    let item: Item | undefined;
    for (let index = from; index < to; index++) {
      item = out.next() as Item;
      item.index = index;
      item.sequence = sequence;
    }
    return item;
  };

  test('items are there once each, through lanes that are full, and late assignments reach none', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const kept: Item[] = [];
      const flow = flowOf(
        (sequence, out) => {
          for (const item of kept) item.more = 1;
          const last = write(out, sequence, 0, countOf(sequence));
          if (last !== undefined) kept.push(last);
        },
        {},
        seed,
      );
      flow.onStep = () => {
        for (const item of kept) item.more = 2;
      };
      await flow.finish();
      expect(flow.read, `seed ${seed}`).toEqual(all);
    }
  });

  test('an event that throws between two items is computed again', async () => {
    const failed = new Set<number>();
    const flow = flowOf(
      (sequence, out) => {
        const count = countOf(sequence);
        write(out, sequence, 0, count >> 1);
        if (!failed.has(sequence)) {
          failed.add(sequence);
          (out.next() as Item).more = 3;
          throw new Error('in the middle');
        }
        write(out, sequence, count >> 1, count);
      },
      { laneBytes: 2 ** 16, onError: { attempts: 1, delayMs: 0 } },
    );
    await flow.finish();
    expect(flow.read).toEqual(all);
  });

  test('async events write their own items alone', async () => {
    const kept: Item[] = [];
    const flow = flowOf(
      async (sequence, out) => {
        const count = countOf(sequence);
        for (const item of kept) item.more = 1;
        write(out, sequence, 0, count >> 1);
        await undefined;
        const last = write(out, sequence, count >> 1, count);
        await undefined;
        if (last !== undefined) {
          last.more = 0;
          kept.push(last);
        }
      },
      // Two processors of one thread would share what is kept.
      { threads: 1, laneBytes: 2 ** 16 },
    );
    await flow.finish();
    expect(flow.read).toEqual(all);
    expect(kept.length).toBeGreaterThan(20);
  });
});
