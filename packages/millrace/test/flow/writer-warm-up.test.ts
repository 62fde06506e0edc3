import { pipeline, sequences } from 'millrace';
import { describe, expect, test } from 'vitest';

const module = new URL('../fixtures/warm-writers.mjs', import.meta.url);

describe.each(['threads', 'inline'] as const)('a writer of its own warm-up, in the mode %s', (mode) => {
  async function run(rows: string, name: string, warmUp = 0): Promise<Int32Array> {
    const shared = new SharedArrayBuffer(8);
    const flow = await pipeline({ source: sequences(100) })
      .process(module, { export: rows, threads: 1, warmUp })
      .write(module, { export: name, data: shared })
      .start({ mode });
    await flow.drain();
    return new Int32Array(shared);
  }

  // Fails without the call of warmUp, or with batches of samples that are wrong; and where the dry run reaches the user's write.
  test.each([
    ['of a struct', 'rows', 0],
    ['of values', 'values', 0],
    ['of a struct, where the processors are warmed as well', 'rows', 50],
  ])('gets batches of its samples before it goes live, %s', async (_name, rows, warmUp) => {
    expect(await run(rows, 'warmed', warmUp)).toEqual(new Int32Array([6_000, 100]));
  });

  test.each([
    ['no samples', 'rows', 'withoutSamples', /a batch of no samples/],
    ['a sample that its codec does not hold', 'rows', 'wrongSample', /OUT_OF_RANGE/],
    ['samples of a flow without items', 'silent', 'warmed', /there are no items to sample/],
    ['no function', 'rows', 'noFunction', /BAD_MODULE.*`warmUp` is 3; give a function/],
  ])('is refused at the start with %s', async (_name, rows, name, message) => {
    await expect(run(rows, name)).rejects.toThrow(message);
  });
});
