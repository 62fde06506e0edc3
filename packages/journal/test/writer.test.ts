import { rmSync } from 'node:fs';
import { struct, u32 } from '@millrace/codec';
import { type JournalBatch, journalPosition, openJournal, toJournal } from '@millrace/journal';
import { describe, expect, it } from 'vitest';
import { batchOf, blockOf, CODECS, type Item, itemsOf, loadWriter, oracle, runFlow } from './fixtures/flow.mjs';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

const SEQUENCES = 400;

describe.each(['none', 'batch', 'always'] as const)('at durability %s', (durability) => {
  it.each(['struct', 'value'])('a flow of %s is in the journal, in order, once', async (codec) => {
    const dir = newFolder();
    await runFlow({ spec: toJournal({ dir, durability }), codec, sequences: SEQUENCES });
    expect(await readAll(dir)).toEqual(oracle(SEQUENCES));
    expect(await journalPosition(dir)).toEqual({ sequence: SEQUENCES, items: 0 });
  });
});

describe('a writer', () => {
  it('resumes where the last one was drained, with the same spec and with another', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir });
    expect(await runFlow({ spec, codec: 'struct', sequences: 100 })).toEqual({ sequence: 0, items: 0 });
    expect(await runFlow({ spec, codec: 'struct', sequences: 200 })).toEqual({ sequence: 100, items: 0 });
    const other = toJournal({ dir, stagingBytes: 65_536 });
    expect(await runFlow({ spec: other, codec: 'struct', sequences: SEQUENCES })).toEqual({ sequence: 200, items: 0 });
    expect(await readAll(dir)).toEqual(oracle(SEQUENCES));
  });

  it('commits by itself when its memory is full, so that memory is bounded', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir, stagingBytes: 65_536, durability: 'none' });
    await runFlow({ spec, codec: 'struct', sequences: 3_000, commitEvery: Number.POSITIVE_INFINITY });
    expect(await readAll(dir)).toEqual(oracle(3_000));
  });

  it('keeps the position of sequences without items', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir });
    const writer = await loadWriter(spec);
    await writer.init({ data: spec.data, codec: CODECS.struct });
    await writer.commit({ sequence: 77, items: 0 });
    expect(await journalPosition(dir)).toEqual({ sequence: 77, items: 0 });
    await writer.close();
  });

  it('stands inside a sequence, and goes on at the item', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir });
    const items = Array.from({ length: 10 }, (_, index) => ({ sequence: 5, index, mark: index }));
    const codec = CODECS.struct;
    for (const from of [0, 6]) {
      const writer = await loadWriter(spec);
      expect(await writer.init({ data: spec.data, codec })).toEqual(
        from === 0 ? { sequence: 0, items: 0 } : { sequence: 5, items: 6 },
      );
      await writer.write(batchOf(codec, 5, from, items.slice(from, from === 0 ? 6 : 10), from !== 0));
      await writer.close();
    }
    expect(await readAll(dir)).toEqual(items);
    expect(await journalPosition(dir)).toEqual({ sequence: 6, items: 0 });
    expect(await readAll(dir, { from: { sequence: 5, items: 4 } })).toEqual(items.slice(4));
  });

  it('that is disposed while a batch waits for room has committed what its journal has, and no more', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir, stagingBytes: 65_536 });
    const codec = CODECS.struct;
    const all: Item[] = [];
    const batch = (sequence: number) => {
      const items = Array.from({ length: 5_000 }, (_, index) => ({ sequence, index, mark: sequence }));
      all.push(...items);
      return batchOf(codec, sequence, 0, items, true);
    };
    for (let round = 0; round < 10; round++) {
      const writer = await loadWriter(spec);
      const { sequence } = await writer.init({ data: spec.data, codec });
      all.length = sequence * 5_000;
      for (const n of [0, 1]) await writer.write(batch(sequence + n));
      // The first half is being committed, and both are full.
      const waiting = rejectionOf(() => writer.write(batch(sequence + 2)));
      await writer.dispose();
      expect(await waiting).toMatchObject({ code: 'CLOSED' });
      const position = await journalPosition(dir);
      expect(position.sequence).toBeLessThanOrEqual(sequence + 2);
      expect(JSON.stringify(await readAll(dir)) === JSON.stringify(all.slice(0, position.sequence * 5_000))).toBe(true);
    }
  });

  it('takes a batch that is larger than its memory, event by event', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir, stagingBytes: 65_536 });
    const writer = await loadWriter(spec);
    const codec = CODECS.struct;
    await writer.init({ data: spec.data, codec });
    const runs = Array.from({ length: 40 }, (_, sequence) => ({
      sequence,
      first: 0,
      items: Array.from({ length: 500 }, (_, index) => ({ sequence, index, mark: index })),
      last: true,
    }));
    for (const cut of [0, 7]) {
      const from = cut === 0 ? 0 : 40;
      const some = runs.map((run) => ({ ...run, sequence: run.sequence + from }));
      await writer.write(blockOf(codec, some, cut));
      // What was sent to make room ends with an event.
      const { sequence, items } = await journalPosition(dir);
      expect(sequence).toBeGreaterThan(from);
      expect(items).toBe(0);
    }
    await writer.close();
    const wanted = [...runs, ...runs].flatMap(({ items }) => items);
    expect(JSON.stringify(await readAll(dir)) === JSON.stringify(wanted)).toBe(true);
    expect(await journalPosition(dir)).toEqual({ sequence: 80, items: 0 });
  });

  it('refuses what does not follow, another schema, and what is too large', async () => {
    const dir = newFolder();
    const spec = toJournal({ dir, stagingBytes: 65_536 });
    const writer = await loadWriter(spec);
    const codec = CODECS.value;
    await writer.init({ data: spec.data, codec });
    const [item] = oracle(10);
    await writer.write(batchOf(codec, 3, 0, [item], true));
    for (const [sequence, first] of [
      [3, 0],
      [2, 0],
      [4, 1],
    ] as const) {
      const error = await rejectionOf(() => writer.write(batchOf(codec, sequence, first, [item], true)));
      expect(error).toMatchObject({ code: 'OUT_OF_ORDER' });
      expect(error.message).toContain(dir);
    }
    const backwards = [4, 6, 5].map((sequence) => ({ sequence, first: 0, items: [item], last: true }));
    expect(await rejectionOf(() => writer.write(blockOf(codec, backwards)))).toMatchObject({ code: 'OUT_OF_ORDER' });
    const huge = { text: 'x'.repeat(70_000) } as never;
    expect(await rejectionOf(() => writer.write(batchOf(codec, 4, 0, [huge], true)))).toMatchObject({
      code: 'RECORD_TOO_LARGE',
    });
    await writer.close();
    const error = await rejectionOf(() => writer.init({ data: spec.data, codec: struct({ other: u32 }) as never }));
    expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH' });
    expect(error.message).toContain('struct { other: u32 }');
    expect(await readAll(dir)).toEqual([item]);
  });

  it('asks for the commits that its level needs, and that its options name', () => {
    const dir = newFolder();
    for (const [options, commitMs] of [
      [{ durability: 'always' }, 0],
      [{ durability: 'batch' }, undefined],
      [{ durability: 'none', commitMs: 20 }, 20],
    ] as const) {
      expect(toJournal({ dir, ...options })).toMatchObject({ kind: 'writer', commitMs });
    }
    expect(toJournal({ dir, commitItems: 7, commitBytes: 900 })).toMatchObject({ commitItems: 7, commitBytes: 900 });
  });

  it('is refused with every fault of its options', () => {
    expect(() => toJournal({ dir: '', durability: 'sometimes', stagingBytes: 3, dri: 1 } as never)).toThrow(
      /BAD_OPTIONS.*dri is not an option.*dir is missing.*durability is "sometimes".*stagingBytes is 3/,
    );
    for (const commitMs of [null, Number.NaN, -1, '5'])
      expect(() => toJournal({ dir: newFolder(), commitMs } as never)).toThrow(/BAD_OPTIONS.*commitMs is /);
    expect(() => toJournal({ dir: newFolder(), commitItems: 0, commitBytes: 1.5 })).toThrow(
      /BAD_OPTIONS.*commitItems is 0; .*commitBytes is 1.5; give an integer/,
    );
  });
});

/** Each item is where its run says that it is. */
function expectRuns(batch: JournalBatch<Item>): void {
  expect([batch.sequence, batch.first]).toEqual([batch.runSequence(0), batch.runFirst(0)]);
  let item = 0;
  for (let run = 0; run < batch.runs; run++) {
    expect(batch.runBegin(run)).toBe(item);
    const sequence = batch.runSequence(run);
    for (; item < batch.runEnd(run); item++) {
      expect(batch.at(item)).toMatchObject({ sequence, index: batch.runFirst(run) + item - batch.runBegin(run) });
      expect(batch.sequenceAt(item)).toBe(sequence);
    }
    const { index } = batch.at(item - 1);
    expect(batch.runEnds(run)).toBe(index === itemsOf(sequence).length - 1);
  }
  expect(item).toBe(batch.length);
  const { sequence, index } = batch.at(item - 1);
  expect(batch.last).toBe(batch.runEnds(batch.runs - 1));
  expect(batch.end).toEqual(batch.last ? { sequence: sequence + 1, items: 0 } : { sequence, items: index + 1 });
}

it('a reader begins at any position', async () => {
  const dir = newFolder();
  await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: SEQUENCES });
  const all = oracle(SEQUENCES);
  const reader = openJournal<Item>(dir);
  for (let sequence = 0; sequence < SEQUENCES; sequence += 37) {
    for (const items of [0, 1, 3]) {
      const got: Item[] = [];
      for await (const batch of reader.batches({ from: { sequence, items } })) {
        expectRuns(batch);
        got.push(...batch.toArray());
      }
      const wanted = all.filter((one) => one.sequence > sequence || (one.sequence === sequence && one.index >= items));
      expect(got).toEqual(wanted);
    }
  }
  const batches: [number, number, number][] = [];
  for await (const batch of reader.batches()) {
    batches.push([batch.sequence, batch.first, batch.length]);
    for (const index of [-1, 0.5, batch.length]) {
      expect(() => batch.at(index)).toThrow(RangeError);
      expect(() => batch.sequenceAt(index)).toThrow(RangeError);
    }
    for (const run of [-1, 0.5, batch.runs])
      for (const of of ['runSequence', 'runBegin', 'runEnd', 'runFirst', 'runEnds'] as const)
        expect(() => batch[of](run)).toThrow(RangeError);
  }
  expect(batches.reduce((sum, [, , length]) => sum + length, 0)).toBe(all.length);
  await reader.close();
  expect(await rejectionOf(() => reader.position())).toMatchObject({ code: 'CLOSED' });
  expect(itemsOf(3)).toEqual(all.filter(({ sequence }) => sequence === 3));
});

it('a journal that is not there is not made by reading', async () => {
  const dir = newFolder();
  expect(await rejectionOf(() => openJournal(dir))).toMatchObject({ code: 'NO_JOURNAL' });
  expect(await journalPosition(dir)).toEqual({ sequence: 0, items: 0 });
  rmSync(dir, { recursive: true, force: true });
});
