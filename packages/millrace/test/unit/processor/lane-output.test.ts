import { bytes, type Codec, i32, struct, text, u32, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { EventOutput } from '../../../src/processor/event-output.ts';
import { COUNTER, Counters, createCounters } from '../../../src/thread/counters.ts';
import { FlowStopped } from '../../../src/thread/errors.ts';
import { RECORD } from '../../../src/thread/lane-layout.ts';
import { CODECS, point } from '../../support/codecs.ts';
import { outputOf, refusal } from '../../support/output-lane.ts';

describe.each(CODECS)('items of %s', (_name, codec, item) => {
  test('arrive as they were emitted, one run a sequence where they fit into batchBytes', () => {
    const { output, take } = outputOf(codec);
    for (let sequence = 5; sequence < 8; sequence++) {
      output.current = sequence;
      output.emit(item(sequence));
      output.finish();
      expect(output.covered).toBe(sequence + 1);
    }
    expect(take()).toEqual([5, 6, 7].map((sequence) => ({ sequence, flags: RECORD.last, items: [item(sequence)] })));
  });

  test('that are rehearsed are seen by nobody, however many, and count for nothing', () => {
    const { output, take, counts, lane } = outputOf(codec);
    const totals = new Counters(createCounters(1), 0);
    output.rehearse();
    for (let sequence = 0; sequence < 20; sequence++) {
      output.current = sequence;
      for (let i = 0; i < 100 * (sequence % 3); i++) output.emit(item(i));
      output.finish();
      expect(lane.peekUsed()).toBeLessThanOrEqual(1);
    }
    output.forget();
    output.count(totals);
    expect(take()).toEqual([]);
    expect([output.covered, counts, totals.get(COUNTER.items)]).toEqual([-1, { waits: 0, filled: 0 }, 0]);
    output.current = 7;
    output.emit(item(7));
    output.finish();
    expect(take()).toEqual([{ sequence: 7, flags: RECORD.last, items: [item(7)] }]);
  });

  test('fill run after run, the last of which says so', () => {
    const { output, take, counts } = outputOf(codec);
    output.current = 9;
    const items = Array.from({ length: 500 }, (_, i) => item(i));
    for (const one of items) output.emit(one);
    output.finish();
    const runs = take();
    expect(runs.flatMap((run) => run.items)).toEqual(items);
    expect(runs.map(({ flags }) => flags)).toEqual([...runs.slice(1).map(() => RECORD.more), RECORD.last]);
    expect(runs.every(({ items: of, sequence }) => sequence === 9 && of.length > 0)).toBe(true);
    expect(counts.filled).toBe(runs.length - 1);
  });
});

describe('an output', () => {
  test('keeps its sequence when user code assigns one', () => {
    const { output } = outputOf(u32);
    output.current = 7;
    for (const shown of [output, new EventOutput(output, 1)]) {
      expect(() => Object.assign(shown, { sequence: 8 })).toThrow(TypeError);
      expect(shown.sequence).toBe(7);
    }
  });

  test('of an event without items leaves no record, and progress covers it', () => {
    const { output, take } = outputOf(i32 as never);
    output.current = 3;
    output.finish();
    expect(output.covered).toBe(-1);
    output.progress(4);
    expect(output.covered).toBe(4);
    expect(take()).toEqual([{ sequence: 4, flags: RECORD.progress, items: [] }]);
  });

  test('of many times the lane goes through it, in the same memory (I3)', () => {
    const { output, take, counts, lane } = outputOf(i32 as never, { laneBytes: 64, batchBytes: 16 });
    const before = lane.memory.byteLength;
    for (let i = 0; i < 10_000; i++) output.emit(i);
    output.finish();
    expect(take().flatMap(({ items }) => items)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(counts.waits).toBeGreaterThan(600);
    expect(lane.memory.byteLength).toBe(before);
  });

  test('counts items, bytes and runs once', () => {
    const { output } = outputOf(i32 as never);
    const counters = new Counters(createCounters(1), 0);
    for (let i = 0; i < 20; i++) output.emit(i);
    output.finish();
    output.count(counters);
    output.count(counters);
    expect(counters.get(COUNTER.items)).toBe(20);
    expect(counters.get(COUNTER.bytes)).toBe(80);
    expect(counters.get(COUNTER.batches)).toBe(2);
  });

  test('ends the processor that waits for room when the flow stops', () => {
    const { output, control } = outputOf(i32 as never, { laneBytes: 64, batchBytes: 16 });
    expect(output.aborted).toBe(false);
    control.stop();
    expect(output.aborted).toBe(true);
    expect(() => {
      for (let i = 0; i < 100; i++) output.emit(i);
    }).toThrow(FlowStopped);
  });

  test('of a processor without `output` takes no item, and says what to do', () => {
    const { output, take } = outputOf(undefined);
    output.current = 12;
    expect(() => output.emit(1)).toThrow(
      '[BAD_MODULE] emit in a processor without `output`: name the codec of its items',
    );
    output.finish();
    output.progress(13);
    expect(take()).toEqual([{ sequence: 13, flags: RECORD.progress, items: [] }]);
  });

  test('wraps sequences to 32 bits, as the writer reads them', () => {
    const { output, take } = outputOf(i32 as never);
    output.current = 2 ** 32 + 5;
    output.emit(1);
    output.finish();
    output.progress(2 ** 33 + 6);
    expect(take().map(({ sequence }) => sequence)).toEqual([5, 6]);
  });
});

describe('an emit that is not taken', () => {
  test.each(CODECS)('of %s: no event is in work', (_name, codec, item) => {
    const { output, take } = outputOf(codec);
    output.current = 3;
    output.emit(item(1));
    output.finish();
    output.close();
    expect(refusal(() => output.emit(item(2)))).toMatchObject({ code: 'EMIT_REFUSED', sequence: 3 });
    output.close('interested');
    expect(refusal(() => output.emit(item(2))).message).toContain(
      'emit in `interested`, which was asked about sequence 3',
    );
    output.open();
    output.current = 4;
    output.emit(item(4));
    output.finish();
    output.retire(2);
    expect(refusal(() => output.emit(item(5))).message).toContain(
      'the output of sequence 4, attempt 2, which has ended',
    );
    expect(take().map(({ sequence, items }) => [sequence, items])).toEqual([
      [3, [item(1)]],
      [4, [item(4)]],
    ]);
  });

  test.each([
    ['a struct', point],
    ['value()', value() as Codec<unknown, unknown>],
  ])('of %s: a getter of the item that is being written emits', (_name, codec) => {
    const { output, take } = outputOf(codec);
    output.current = 8;
    let error: unknown;
    output.emit({ x: 0, n: 0 });
    const nesting = (catches: boolean): { readonly x: number; readonly n: number } => ({
      x: 1,
      get n(): number {
        if (!catches) output.emit({ x: 2, n: 2 });
        try {
          for (let i = 0; i < 100; i++) output.emit({ x: 2, n: 2 });
        } catch (caught) {
          error = caught;
        }
        return 1;
      },
    });
    expect(refusal(() => output.emit(nesting(false)))).toMatchObject({ code: 'EMIT_REFUSED', sequence: 8 });
    output.emit(nesting(true));
    expect(error).toMatchObject({ code: 'EMIT_REFUSED', sequence: 8 });
    // A refusal that was caught is no reason for the next one.
    expect(
      refusal(() =>
        output.emit({
          x: 1,
          get n() {
            throw new Error('mine');
          },
        }),
      ).code,
    ).toBe('UNREADABLE_VALUE');
    output.emit({ x: 3, n: 3 });
    output.finish();
    expect(take().flatMap(({ items }) => items)).toEqual([0, 1, 3].map((n) => ({ x: n, n })));
  });

  test('a text that is longer each time it is read is taken as it is at the last one, or refused', () => {
    const { output, take } = outputOf(value() as never, { laneBytes: 2 ** 16 });
    output.current = 8;
    const growing = (most: number) => {
      let reads = 0;
      return {
        get text() {
          return 'x'.repeat(50 * Math.min(++reads, most));
        },
      };
    };
    output.emit(growing(5));
    expect(refusal(() => output.emit(growing(1_000)))).toMatchObject({ code: 'EMIT_REFUSED', sequence: 8 });
    output.emit('next');
    output.finish();
    expect(take().flatMap(({ items }) => items)).toEqual([{ text: 'x'.repeat(250) }, 'next']);
  });

  test.each([[1n], [Symbol('s')], ['1'], [undefined], [{ valueOf: (): number => 1 }]])(
    'i32 refuses %o in its own words',
    (item) => {
      for (const isOnly of [true, false]) {
        const { output, take } = outputOf(i32 as never, { isOnly });
        expect(refusal(() => output.emit(item)).message).toMatch(/^\[WRONG_TYPE\] .* does not fit i32/);
        output.emit(7);
        output.finish();
        expect(take().flatMap(({ items }) => items)).toEqual([7]);
      }
    },
  );
});

describe('I10: an item that is larger than the lane takes', () => {
  test('is refused with its size, the limit and a lane that takes it', () => {
    const { output, take } = outputOf(bytes() as never, { laneBytes: 128 });
    output.current = 77;
    const most = 128 / 2 - 4;
    output.emit(new Uint8Array(most).fill(1));
    const error = refusal(() => output.emit(new Uint8Array(most + 1)));
    expect(error).toMatchObject({ code: 'ITEM_TOO_LARGE', sequence: 77 });
    expect(error.message).toContain(`an item of ${most + 1} bytes; a lane of 128 bytes takes items up to ${most}`);
    const laneBytes = Number(/laneBytes (\d+)/.exec(error.message)![1]);
    const larger = outputOf(bytes() as never, { laneBytes });
    larger.output.emit(new Uint8Array(most + 1));
    larger.output.finish();
    expect(larger.take()[0]!.items).toEqual([new Uint8Array(most + 1)]);
    // What was emitted before stands.
    output.finish();
    expect(take().flatMap(({ items }) => items)).toEqual([new Uint8Array(most).fill(1)]);
  });

  test('is refused before the flow starts where all items are of one size', () => {
    const large = struct({ a: text(100) });
    const error = refusal(() => outputOf(large as never, { laneBytes: 64 }));
    expect(error.code).toBe('ITEM_TOO_LARGE');
    const laneBytes = Number(/laneBytes (\d+)/.exec(error.message)![1]);
    expect(() => outputOf(large as never, { laneBytes })).not.toThrow();
  });
});

// With a class for each lane V8 compiled the model checker's thousands of them without end.
test.each(CODECS)('outputs of %s that share a thread share their class', (_name, codec) => {
  const outputs = [1, 2].map(() => outputOf(codec, { isOnly: false }).output);
  expect(outputs[0]!.constructor).toBe(outputs[1]!.constructor);
});
