/** Numbers written by a loop over the lane's typed array: claim, fill, commit. */
import { bool, f64, struct, u32, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { EventOutput } from '../../../src/processor/event-output.ts';
import type { AnyOutput } from '../../../src/processor/output.ts';
import { FlowStopped } from '../../../src/thread/errors.ts';
import { Nack } from '../../../src/writer/nack.ts';
import { NUMBERS } from '../../support/codecs.ts';
import { HandFlow, type HandOptions, randomBy } from '../../support/hand-flow.ts';
import { type AnyCodec, outputOf, refusal } from '../../support/output-lane.ts';

type Num = number | bigint;
const sizeOf = (codec: AnyCodec): number => (codec as unknown as { size: number }).size;

/** Writes `count` items from `from` on through claims of at most `most` items, of which each is filled as far as it goes. */
function fill(out: AnyOutput, item: (i: number) => Num, from: number, count: number, most = count): void {
  for (let done = 0; done < count; ) {
    const room = out.claim(Math.min(most, count - done));
    const { items, begin } = out as unknown as { items: Num[]; begin: number };
    for (let i = 0; i < room; i++) items[begin + i] = item(from + done + i);
    out.commit(room);
    done += room;
  }
}

describe.each(NUMBERS as [string, AnyCodec, (i: number) => Num][])('claims of %s', (_name, codec, item) => {
  describe.each([true, false])('(the only output of its thread: %s)', (isOnly) => {
    test.each([1, 2, 3, 7, 100, 2_000])('lie in the lane as emitted items do, %d at a time', (most) => {
      for (const laneBytes of [64, 128, 1_024]) {
        for (const batchBytes of [8, 24, 32]) {
          const sizes = { laneBytes, batchBytes, isOnly };
          const [byClaim, byEmit] = [outputOf(codec, sizes), outputOf(codec, sizes)];
          for (const { output } of [byClaim, byEmit]) {
            for (let sequence = 3; sequence < 20; sequence++) {
              output.current = sequence;
              const count = (sequence * 5) % 37;
              if (output === byClaim.output) fill(output, item, sequence, count, most);
              else for (let i = 0; i < count; i++) output.emit(item(sequence + i));
              output.finish();
            }
          }
          expect(byClaim.take()).toEqual(byEmit.take());
          expect(byClaim.counts.filled).toBe(byEmit.counts.filled);
        }
      }
    });

    test('mix with emit', () => {
      const random = randomBy(7);
      const { output, items } = outputOf(codec, { laneBytes: 128, batchBytes: 32, isOnly });
      for (let at = 0; at < 1_000; ) {
        if (random() < 0.5) output.emit(item(at++));
        else {
          const count = 1 + Math.floor(random() * 9);
          fill(output, item, at, count);
          at += count;
        }
        if (at >= 1_000) {
          output.finish();
          expect(items()).toEqual(Array.from({ length: at }, (_, i) => item(i)));
        }
      }
    });

    test('give as much room as the run and the lane have, from 1 on, and never more than was asked for', () => {
      const { output } = outputOf(codec, { laneBytes: 128, batchBytes: 32, isOnly });
      const most = 32 / sizeOf(codec);
      expect(output.claim(1_000_000)).toBe(most);
      output.commit(most - 1);
      expect(output.claim(1)).toBe(1);
      output.commit(0);
      expect(output.claim(5)).toBe(1);
      output.commit(1);
      // The run is full, and the next one as large.
      expect(output.claim(2 ** 40)).toBe(most);
      output.commit(0);
    });

    test('of which less is committed deliver what is committed', () => {
      const { output, items } = outputOf(codec, { batchBytes: 256, isOnly });
      const room = output.claim(8);
      expect(room).toBe(8);
      const view = output as unknown as { items: Num[]; begin: number };
      for (let i = 0; i < room; i++) view.items[view.begin + i] = item(i);
      output.commit(3);
      output.emit(item(90));
      output.claim(4);
      output.commit(0);
      output.emit(item(91));
      output.finish();
      expect(items()).toEqual([item(0), item(1), item(2), item(90), item(91)]);
    });

    test('that are given back by an event that fails leave nothing behind', () => {
      const { output, take } = outputOf(codec, { isOnly });
      output.current = 4;
      fill(output, item, 0, 3);
      output.claim(5);
      expect(output.discard()).toBe(0);
      output.close();
      output.open();
      output.current = 5;
      fill(output, item, 7, 2);
      output.finish();
      expect(take().map(({ sequence, items: of }) => [sequence, of])).toEqual([[5, [item(7), item(8)]]]);
    });

    test('wait while the lane is full, and end when the flow stops', () => {
      const { output, counts, control, items } = outputOf(codec, { laneBytes: 64, batchBytes: 16, isOnly });
      fill(output, item, 0, 500);
      expect(counts.waits).toBeGreaterThan((500 * sizeOf(codec)) / 64 - 2);
      output.finish();
      expect(items()).toEqual(Array.from({ length: 500 }, (_, i) => item(i)));
      control.stop();
      expect(() => fill(output, item, 0, 500)).toThrow(FlowStopped);
    });

    test('that are rehearsed are seen by nobody, however many', () => {
      const { output, take, counts } = outputOf(codec, { laneBytes: 128, batchBytes: 32, isOnly });
      output.rehearse();
      for (output.current = 0; output.current < 20; output.current++) {
        fill(output, item, 0, 200);
        output.finish();
      }
      output.forget();
      expect([take(), counts]).toEqual([[], { waits: 0, filled: 0 }]);
      output.current = 7;
      fill(output, item, 7, 1);
      output.finish();
      expect(take()).toMatchObject([{ sequence: 7, items: [item(7)] }]);
    });

    test.each([0, -1, 0.5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** 53, '3', undefined, null])(
      'claim(%s) is refused, and the next one is taken',
      (n) => {
        const { output, items } = outputOf(codec, { isOnly });
        output.current = 2 ** 32 + 7;
        // Also in front of room for one item only, and where there is none yet.
        for (let i = 0; i < 2 * (64 / sizeOf(codec)) + 1; i++) {
          expect(refusal(() => output.claim(n as number))).toMatchObject({
            code: 'EMIT_REFUSED',
            sequence: 2 ** 32 + 7,
            text: `claim(${n}): give how many items may follow, an integer from 1 on`,
          });
          fill(output, item, i, 1);
        }
        output.finish();
        expect(items()).toHaveLength(2 * (64 / sizeOf(codec)) + 1);
      },
    );

    test('an open claim takes no emit, no claim, no next and no end of the event', () => {
      const { output, items } = outputOf(codec, { isOnly });
      output.current = 11;
      output.emit(item(0));
      const room = output.claim(3);
      const view = output as unknown as { items: Num[]; begin: number };
      for (let i = 0; i < room; i++) view.items[view.begin + i] = item(1 + i);
      const { begin } = view;
      for (const act of [() => output.emit(item(9)), () => output.claim(1), () => output.finish()]) {
        expect(refusal(act)).toMatchObject({ code: 'EMIT_REFUSED', sequence: 11 });
        expect(refusal(act).message).toContain('a claim of sequence 11 is open: call commit with the number of items');
      }
      expect(refusal(() => output.next())).toMatchObject({ code: 'EMIT_REFUSED', sequence: 11 });
      // It is as it was.
      expect(view.begin).toBe(begin);
      output.commit(room);
      output.emit(item(4));
      output.finish();
      expect(items()).toEqual([0, 1, 2, 3, 4].map(item));
    });

    test.each([-1, 4, 0.5, Number.NaN, 2 ** 40, undefined])('commit(%s) of three items is refused', (n) => {
      const { output, items } = outputOf(codec, { isOnly });
      output.current = 6;
      expect(output.claim(3)).toBe(3);
      const view = output as unknown as { items: Num[]; begin: number };
      view.items[view.begin] = item(1);
      expect(refusal(() => output.commit(n as number))).toMatchObject({
        code: 'EMIT_REFUSED',
        sequence: 6,
        text: `commit(${n}) of a claim of 3 items: give how many of them are filled, an integer from 0 to 3`,
      });
      output.commit(1);
      output.finish();
      expect(items()).toEqual([item(1)]);
    });

    test('commit without a claim, or twice, is refused', () => {
      const { output, items } = outputOf(codec, { isOnly });
      output.current = 6;
      const refused = (n: number): void =>
        expect(refusal(() => output.commit(n))).toMatchObject({
          code: 'EMIT_REFUSED',
          sequence: 6,
          text: `commit(${n}) without an open claim: call claim first, and commit once`,
        });
      refused(1);
      refused(0);
      fill(output, item, 3, 1);
      refused(1);
      output.finish();
      refused(1);
      output.close();
      refused(1);
      expect(items()).toEqual([item(3)]);
    });

    test('no claim is given between events, nor by an output that has ended', () => {
      const { output, items } = outputOf(codec, { isOnly });
      output.current = 3;
      fill(output, item, 1, 1);
      output.finish();
      output.close();
      expect(refusal(() => output.claim(1)).message).toContain('while this thread has no event in work');
      output.open();
      output.current = 4;
      const given = new EventOutput(output, 2);
      expect(given.claim(1)).toBe(1);
      expect([given.items, given.begin]).toEqual([output.items, output.begin]);
      given.commit(0);
      fill(given, item, 2, 1);
      output.finish();
      given.end();
      output.retire(2);
      for (const act of [() => given.claim(1), () => given.commit(1), () => output.claim(1)]) {
        expect(refusal(act).message).toContain('the output of sequence 4, attempt 2, which has ended');
      }
      expect(items()).toEqual([item(1), item(2)]);
    });
  });
});

test.each([
  ['a struct', struct({ n: u32 }) as AnyCodec],
  ['value()', value() as AnyCodec],
  ['bool', bool as AnyCodec],
])('%s has no claims, and says what to do', (_name, codec) => {
  const { output } = outputOf(codec);
  output.current = 8;
  for (const act of [() => output.claim(1), () => output.commit(1)]) {
    expect(refusal(act)).toMatchObject({ code: 'EMIT_REFUSED', sequence: 8 });
    expect(refusal(act).message).toMatch(/(claim|commit) is for items that are numbers .*: use emit$/);
  }
});

describe('in a flow played by hand', () => {
  const EVENTS = 30;
  const countOf = (sequence: number): number => [0, 1, 3, 70, 2][sequence % 5]!;
  const itemOf = (sequence: number) => (i: number) => sequence * 1_000 + i;
  const itemsOf = (sequence: number): number[] =>
    Array.from({ length: countOf(sequence) }, (_, i) => itemOf(sequence)(i));
  const all = Array.from({ length: EVENTS }, (_, sequence) => itemsOf(sequence)).flat();

  const flowOf = (
    process: (sequence: number, out: AnyOutput) => unknown,
    options: Partial<HandOptions['process']> = {},
    write: HandOptions['write'] = { capacity: 16 },
    seed = 1,
  ): HandFlow =>
    new HandFlow(
      { output: f64 as never, process: process as never },
      {
        pipeline: { source: sequences(EVENTS), deadLetters: () => {} },
        process: { threads: 2, laneBytes: 256, batchBytes: 64, ...options },
        write,
      },
      randomBy(seed),
    );

  test('claims wait for room in the order of the head, and every item is there once', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const flow = flowOf(
        (sequence, out) => fill(out, itemOf(sequence), 0, countOf(sequence), 1 + (seed % 9)),
        {},
        undefined,
        seed,
      );
      await flow.finish();
      expect(flow.read, `seed ${seed}`).toEqual(all);
    }
  });

  test('a claim that is open at the end of its event fails the flow, with the sequence', async () => {
    // One processor: the error of a second one would pass through an emit of the first, which waits on the same stack.
    const flow = flowOf(
      (sequence, out) => {
        fill(out, itemOf(sequence), 0, countOf(sequence));
        if (sequence === 7) out.claim(1);
      },
      { threads: 1 },
    );
    await expect(flow.finish()).rejects.toMatchObject({
      code: 'EMIT_REFUSED',
      sequence: 7,
      text: expect.stringContaining('a claim of sequence 7 is open'),
    });
    expect(flow.read.length).toBeLessThanOrEqual(all.indexOf(8_000));
  });

  test('an event that throws in the middle of a claim gives it back, and is computed again', async () => {
    const failures = new Map<number, number>();
    const flow = flowOf(
      (sequence, out) => {
        const count = countOf(sequence);
        fill(out, itemOf(sequence), 0, count - 1);
        const failed = failures.get(sequence) ?? 0;
        if (count > 0 && failed < 2) {
          failures.set(sequence, failed + 1);
          out.claim(5);
          (out.items as Float64Array).fill(-1, out.begin, out.begin + 1);
          throw new Error('in the middle');
        }
        if (count > 0) fill(out, itemOf(sequence), count - 1, 1);
      },
      { laneBytes: 2 ** 16, onError: { attempts: 3, delayMs: 0 } },
    );
    await flow.finish();
    expect(flow.read).toEqual(all);
    expect(failures.size).toBeGreaterThan(20);
  });

  test('a claim may be open while an async event waits, and none outlives its event', async () => {
    const kept: AnyOutput[] = [];
    const flow = flowOf(
      async (sequence, out) => {
        kept.push(out);
        const count = countOf(sequence);
        for (let done = 0; done < count; ) {
          const room = out.claim(Math.min(count - done, 9));
          const { begin } = out;
          await undefined;
          for (let i = 0; i < room; i++) (out.items as Float64Array)[begin + i] = itemOf(sequence)(done + i);
          out.commit(room);
          done += room;
          await undefined;
        }
      },
      { laneBytes: 2 ** 16 },
    );
    await flow.finish();
    expect(flow.read).toEqual(all);
    expect(kept).toHaveLength(EVENTS);
    for (const out of kept.slice(1)) {
      expect(refusal(() => out.claim(1)).message).toContain('which has ended');
      expect(refusal(() => out.commit(1)).message).toMatch(/which has ended|without an open claim/);
    }
  });

  test('what a nack has computed again by claims is exact', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = randomBy(seed);
      const got: unknown[] = [];
      const open = () => ({
        ...(random() < 0.5 ? { maxItems: 1 + Math.floor(random() * 9) } : {}),
        write(batch: { length: number; toArray(): unknown[] }) {
          if (random() < 0.9) return void got.push(...batch.toArray());
          const item = Math.floor(random() * batch.length);
          got.push(...batch.toArray().slice(0, item));
          throw new Nack('not now', { item, action: 'recompute' });
        },
      });
      const flow = flowOf(
        (sequence, out) => fill(out, itemOf(sequence), 0, countOf(sequence), 8),
        { laneBytes: 2 ** 16, batchBytes: 64 },
        { open },
        seed,
      );
      await flow.finish();
      expect(got, `seed ${seed}`).toEqual(all);
    }
  });
});
