import { i32, u8, u64 } from '@millrace/codec';
import { expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

interface Claims {
  claim(n: number): number;
  readonly items: Record<number, unknown> & {
    set(values: readonly unknown[], offset?: number): void;
    fill(value: unknown, begin: number, end: number): void;
    readonly length: number;
  };
  readonly begin: number;
  commit(n: number): void;
}

/** What comes of one event on which `fill` writes into the items of a claim of three. */
async function play(codec: unknown, checked: boolean, fill: (out: Claims) => void): Promise<unknown[]> {
  const read: unknown[] = [];
  const flow = new HandFlow(
    {
      output: codec as never,
      checked,
      process(_event, output) {
        const out = output as unknown as Claims;
        expect(out.claim(3)).toBe(3);
        fill(out);
        out.commit(3);
      },
    },
    {
      pipeline: { source: sequences(1) },
      process: { threads: 1 },
      write: (batch) => void read.push(...batch.toArray()),
    },
    randomBy(1),
  );
  await flow.finish();
  return read;
}

const put =
  (values: readonly unknown[]) =>
  ({ items, begin }: Claims): void => {
    for (const [i, value] of values.entries()) items[begin + i] = value;
  };

test('without `checked`, a typed array converts what it is given', async () => {
  expect(await play(u8, false, put([300, -1, 1.5]))).toEqual([44, 255, 1]);
});

test.each([
  ['u8', u8, 300],
  ['i32', i32, 1.5],
  ['u64', u64, -1n],
])('with `checked`, %s refuses what emit refuses', async (_name, codec, value) => {
  const zero = codec === u64 ? 0n : 0;
  await expect(play(codec, true, put([zero, value, zero]))).rejects.toMatchObject({
    code: 'PROCESSOR_FAILED',
    sequence: 0,
  });
  await expect(play(codec, true, ({ items, begin }) => items.set([zero, value], begin))).rejects.toThrow(
    /OUT_OF_RANGE/,
  );
  await expect(play(codec, true, ({ items, begin }) => items.fill(value, begin, begin + 1))).rejects.toThrow(
    /OUT_OF_RANGE/,
  );
});

test('with `checked`, nothing is assigned beside the claim', async () => {
  await expect(play(i32, true, put([1, 2, 3, 4]))).rejects.toThrow(
    /items\[3\] was assigned, and the open claim is from 0 up to 3/,
  );
  await expect(play(i32, true, ({ items }) => (items[-1] = 1))).rejects.toThrow(/items\[-1\]/);
  const late = async () =>
    play(i32, true, (out) => {
      put([1, 2, 3])(out);
      out.commit(3);
      out.items[0] = 5;
    });
  await expect(late()).rejects.toThrow(/items\[0\] was assigned, and no claim is open/);
});

test('with `checked`, what is right goes through', async () => {
  expect(await play(i32, true, put([1, -2, 3]))).toEqual([1, -2, 3]);
  expect(
    await play(u64, true, ({ items, begin }) => {
      items.set([1n, 2n], begin);
      items.fill(2n ** 63n, begin + 2, begin + 3);
      expect(items[begin]).toBe(1n);
      expect(items.length).toBeGreaterThan(3);
    }),
  ).toEqual([1n, 2n, 2n ** 63n]);
});

type Words = Int32Array;

test.each<[string, (items: Words, begin: number) => unknown]>([
  ['subarray in front of the claim', (items) => items.subarray(0, 3).fill(5)],
  ['subarray beyond the claim', (items, begin) => items.subarray(begin, begin + 4).set([1, 2, 3, 4])],
  ['subarray of a subarray', (items, begin) => (items.subarray(begin - 1).subarray(0, 2)[0] = 1)],
  ['copyWithin', (items, begin) => items.copyWithin(begin, begin + 1)],
  ['reverse', (items) => items.reverse()],
  ['sort', (items) => items.sort()],
])('with `checked`, %s does not reach what is not claimed', async (_, act) => {
  const playing = play(i32, true, (out) => {
    put([1, 2, 3])(out);
    out.commit(3);
    expect(out.claim(3)).toBe(3);
    act(out.items as unknown as Words, out.begin);
  });
  await expect(playing).rejects.toMatchObject({ code: 'EMIT_REFUSED', sequence: 0 });
});

test('with `checked`, the part that is claimed may be filled by its methods', async () => {
  const items = await play(i32, true, (out) => {
    const { items, begin } = out as unknown as { items: Words; begin: number };
    const part = items.subarray(begin, begin + 3);
    part.set([3, 1, 2]);
    part.sort();
    part.reverse();
    part.copyWithin(0, 2);
  });
  expect(items).toEqual([1, 2, 1]);
});
