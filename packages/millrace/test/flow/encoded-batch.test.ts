/** The encoded side of a batch: what a store copies. */
import { type Batch, type Codec, Nack, value } from 'millrace';
import { describe, expect, it } from 'vitest';
import { bytesItems, expectBatch, placesOf } from '../support/batch-check.ts';
import { cleanUp, MODES, Num, nums, start } from '../support/lifecycle.ts';

cleanUp();

/** The items of a batch, read from its bytes: in place, and from a copy. */
function decode(codec: Codec<unknown, never>, { segments }: Batch<unknown>): unknown[] {
  const items = segments.flatMap((segment) => bytesItems(segment, codec, false));
  expect(segments.flatMap((segment) => bytesItems(segment, codec, true))).toEqual(items);
  return items;
}

describe.each(MODES)('a batch in the mode %s', (mode) => {
  it.each([
    ['fixed size', 'default', Num],
    ['varying length', 'text', value()],
  ] as const)('shows its items of %s as bytes', async (_, name, codec) => {
    const items: unknown[] = [];
    const flow = await start({
      mode,
      process: { export: name },
      write(batch: Batch<unknown>) {
        const read = decode(codec as Codec<unknown, never>, batch);
        expectBatch(batch, codec as Codec<unknown, never>, read, placesOf(batch));
        items.push(...read);
      },
    });
    await flow.publish(nums(100));
    await flow.drain();
    expect(items).toEqual(nums(100).map(({ n }) => (name === 'text' ? 'x'.repeat(n) : { n })));
  });

  it('shows those that were not taken, where a Nack refused an item in the middle', async () => {
    const seen: [first: number, items: unknown[]][] = [];
    const flow = await start({
      mode,
      process: { export: 'repeat' },
      writeOptions: { onNack: { attempts: 2, delayMs: 0 } },
      write(batch: Batch<unknown>) {
        seen.push([batch.first, decode(Num as Codec<unknown, never>, batch)]);
        if (seen.length === 1) throw new Nack('not yet', { item: 2 });
      },
    });
    await flow.publish({ n: 5 });
    await flow.drain();
    const [[, all]] = seen;
    expect(all).toHaveLength(5);
    expect(seen).toEqual([
      [0, all],
      [2, all.slice(2)],
    ]);
  });
});
