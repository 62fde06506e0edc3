import { value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { takeReturned, takesOutput } from '../../../src/processor/returned.ts';

/** What is emitted for what `process` returned. */
async function taken(result: unknown, isBeside: boolean): Promise<unknown[]> {
  const items: unknown[] = [];
  const output = { sequence: 9, aborted: false, emit: (item: unknown) => void items.push(item) };
  await takeReturned(result, output, isBeside);
  return items;
}

async function* later(): AsyncGenerator<number> {
  yield 1;
  yield 2;
}
const mine = {
  *[Symbol.iterator]() {
    yield 1;
    yield 2;
  },
};
// biome-ignore lint/suspicious/noThenProperty: that is what it is about.
const thenable = { then: (resolve: (value: unknown) => void) => void resolve([1, 2]) };

describe.each([true, false])('beside what is emitted: %s', (isBeside) => {
  test.each<[string, () => unknown]>([
    ['an array', () => [1, 2]],
    ['a generator', () => mine[Symbol.iterator]()],
    ['an iterator', () => new Set([1, 2]).values()],
    ['an iterable', () => mine],
    ['an async generator', later],
    ['a promise of an array', async () => [1, 2]],
    ['a promise of a generator', async () => mine[Symbol.iterator]()],
    ['what is like a promise', () => thenable],
  ])('%s gives its items', async (_, make) => {
    expect(await taken(make(), isBeside)).toEqual([1, 2]);
  });

  test('an array in an array is one item, and undefined is none', async () => {
    expect(await taken([[1, 2]], isBeside)).toEqual([[1, 2]]);
    expect(await taken(undefined, isBeside)).toEqual([]);
    expect(await taken(Promise.resolve(), isBeside)).toEqual([]);
  });
});

const ONE = [
  { n: 1 },
  'text',
  '',
  new Map([[1, 2]]),
  new Set([1]),
  new Uint8Array(2),
  Buffer.from('x'),
  Object('boxed'),
  1n,
];

test.each(ONE)('%o is one item where `process` has no output, and is refused beside one', async (item) => {
  for (const result of [() => item, async () => item]) {
    expect(await taken(result(), false)).toEqual([item]);
    const refused = (async () => taken(result(), true))();
    await expect(refused).rejects.toMatchObject({ code: 'EMIT_REFUSED', sequence: 9 });
  }
});

test.each([true, false, 0, 5, null])('%o is an item, and is ignored beside what is emitted', async (item) => {
  expect(await taken(item, false)).toEqual([item]);
  expect(await taken(item, true)).toEqual([]);
  expect(await taken(Promise.resolve(item), true)).toEqual([]);
});

test('an output is what a process with two parameters emits to, or one without a codec does not have', () => {
  const output = value() as never;
  expect(takesOutput({ output, process: (_event, _output) => {} })).toBe(true);
  expect(takesOutput({ output, process: (_event) => {} })).toBe(false);
  expect(takesOutput({ output, process: () => {} })).toBe(false);
  expect(takesOutput({ process: () => {} })).toBe(true);
});
