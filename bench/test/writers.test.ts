import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectRight, ITEMS, take, writerState } from '../dist/writers/state.js';

const batchOf = (...items: number[]) => ({ length: items.length, at: (index: number) => items[index]! });

function child<Result>(name: string, ...args: (string | number)[]): Result {
  const file = fileURLToPath(new URL(`../dist/writers/${name}.js`, import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [file, ...args.map(String)], { encoding: 'utf8' })) as Result;
}

describe('what a writer takes', () => {
  it('is right where every item is the next one', () => {
    const state = writerState();
    for (const batch of [batchOf(0, 1, 2), batchOf(), batchOf(3)]) take(state, batch);
    expect(state[ITEMS]).toBe(4);
    expect(() => expectRight(state)).not.toThrow();
  });

  it.each([
    ['is missing', [batchOf(0), batchOf(2)]],
    ['comes twice', [batchOf(0, 1), batchOf(1)]],
    ['is out of order', [batchOf(1, 0)]],
  ])('is wrong where one %s', (_, batches) => {
    const state = writerState();
    for (const batch of batches) take(state, batch);
    expect(() => expectRight(state)).toThrow('out of order, twice or not at all');
  });
});

it.each(['sequences', 'ring'])('a busy writer behind %s tells the items of each of its counted calls', (source) => {
  const { lengths } = child<{ lengths: number[] }>('busy-child', source, 3, 7, 2);
  expect(lengths).toHaveLength(7);
  expect(Math.min(...lengths)).toBeGreaterThan(0);
});

it('a writer that awaits its answers tells how long a batch takes, with one in flight and with several', () => {
  for (const inFlight of [1, 8]) {
    const { msPerBatch } = child<{ msPerBatch: number }>('awaiting-child', inFlight, 3, 16, 2);
    expect(msPerBatch).toBeGreaterThan(0);
  }
});
