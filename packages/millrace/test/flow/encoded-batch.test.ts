/** The encoded side of a batch: what a store copies. */
import { type Batch, type Codec, Nack, value } from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, MODES, Num, nums, start } from '../support/lifecycle.ts';

cleanUp();

/** The items of a batch, read from a copy of its bytes. */
function decode(codec: Codec<unknown, never>, { memory, offset, bytes, length }: Batch<unknown>): unknown[] {
  const copy = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
  new Uint8Array(copy).set(memory.u8.subarray(offset, offset + bytes));
  const u8 = new Uint8Array(copy);
  const i32 = new Int32Array(copy);
  const own = { u8, i32, f64: new Float64Array(copy) } as unknown as typeof memory;
  let at = 0;
  return Array.from({ length }, (_, i) => {
    if (codec.kind === 'fixed') return codec.read(own, i * codec.size);
    const size = i32[at >> 2];
    const item = codec.read(own, at + 4, size);
    at += 4 + ((size + 3) & ~3);
    return item;
  });
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
        expect(read).toEqual(batch.toArray());
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
