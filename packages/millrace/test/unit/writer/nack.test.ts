/** What a Nack says of a block: of many sequences, of which some have several runs. Flows played by hand, for blocks that are known. */
import { u32 } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { WRITER } from '../../../src/thread/control-block.ts';
import type { Batch } from '../../../src/writer/batch.ts';
import { Nack, type NackOptions } from '../../../src/writer/nack.ts';
import { type ItemPlace, placesOf } from '../../support/batch-check.ts';
import { HandFlow, type HandOptions, type HandStore, randomBy } from '../../support/hand-flow.ts';

const EVENTS = 16;
/** Sequences of the first tickets, and so of the first blocks. */
const OF_BLOCK = 4;
/** Four items are a run. */
const RUN_BYTES = 16;
const countOf = (sequence: number): number => [3, 10, 0, 2][sequence % OF_BLOCK]!;
const placesFrom = (from: number, to: number): ItemPlace[] =>
  Array.from({ length: to - from }, (_, i) => from + i).flatMap((sequence) =>
    Array.from({ length: countOf(sequence) }, (__, index): ItemPlace => [sequence, index]),
  );
const ALL = placesFrom(0, EVENTS);
const BLOCK = placesFrom(0, OF_BLOCK);
const itemOf = ([sequence, index]: ItemPlace): number => sequence * 100 + index;

/** One write: what it was given, and how far everything was acknowledged then. */
interface Write {
  places: ItemPlace[];
  published: number;
}

/** A flow of one processor that has computed all tickets that there are, before its writer sees the first of them. */
function blocks(answer: (batch: Batch<unknown>, write: number) => void, options: Partial<HandStore> = {}) {
  const writes: Write[] = [];
  /** By sequence: how often it was computed. */
  const computed = Array.from({ length: EVENTS }, () => 0);
  const taken: ItemPlace[] = [];
  let flow: HandFlow;
  const write = (batch: Batch<unknown>): void => {
    const places = placesOf(batch);
    expect(batch.toArray()).toEqual(places.map(itemOf));
    writes.push({ places, published: flow.published });
    let count = batch.length;
    try {
      answer(batch, writes.length);
    } catch (error) {
      count = error instanceof Nack ? (error.item ?? 0) : 0;
      throw error;
    } finally {
      taken.push(...places.slice(0, count));
    }
  };
  const process: HandOptions['process'] = { threads: 1, laneBytes: 2 ** 16, batchBytes: RUN_BYTES };
  flow = new HandFlow(
    {
      output: u32 as never,
      process(sequence, out) {
        computed[sequence as number]!++;
        for (let index = 0; index < countOf(sequence as number); index++)
          out.emit(itemOf([sequence as number, index]) as never);
      },
    },
    {
      pipeline: { source: sequences(EVENTS), deadLetters: () => {} },
      process,
      write: { open: () => ({ ...options, write }) },
    },
    randomBy(1),
  );
  for (let i = 0; i < 100; i++) {
    flow.coordinator.step();
    flow.processors[0]!.step();
  }
  return { flow, writes, computed, taken };
}

/** Refuses the first batch so. */
const once =
  (options: NackOptions, of = 1) =>
  (_batch: Batch<unknown>, write: number): void => {
    if (write === of) throw new Nack('no', options);
  };

test('the first block has the items of many sequences, and of one of them several runs', async () => {
  const { flow, writes, taken } = blocks((batch, write) => {
    if (write > 1) return;
    const runs = Array.from({ length: batch.runs }, (_, run) => [
      batch.runSequence(run),
      batch.runFirst(run),
      batch.runEnds(run),
    ]);
    expect(runs).toEqual([
      [0, 0, true],
      [1, 0, false],
      [1, 4, false],
      [1, 8, true],
      [3, 0, true],
    ]);
  });
  await flow.finish();
  expect(writes[0]).toEqual({ places: BLOCK, published: 0 });
  expect(taken).toEqual(ALL);
});

describe('retry', () => {
  test('without an item has all of the block again, and nothing else before', async () => {
    const { flow, writes, taken } = blocks((_, write) => {
      if (write <= 3) throw new Nack('no');
    });
    await flow.finish();
    expect(writes.slice(0, 4)).toEqual(Array.from({ length: 4 }, () => ({ places: BLOCK, published: 0 })));
    expect(taken).toEqual(ALL);
    expect([flow.counters(WRITER).retries, flow.letters]).toEqual([3, []]);
  });

  test.each(BLOCK.map((place, item) => [item, ...place]))(
    'with item %d, which is %d:%d, has the rest again from it on; what is in front of it is acknowledged',
    async (item, sequence) => {
      const { flow, writes, taken, computed } = blocks(once({ item }));
      await flow.finish();
      expect(writes[1]).toEqual({ places: BLOCK.slice(item), published: sequence });
      expect(taken).toEqual(ALL);
      expect(computed.every((times) => times === 1)).toBe(true);
    },
  );

  test('of one item after the other of a block comes to its end', async () => {
    const { flow, writes, taken } = blocks((batch) => {
      if (batch.length > 1) throw new Nack('one at a time', { item: 1 });
    });
    await flow.finish();
    expect(writes.slice(0, BLOCK.length).map(({ places }) => places)).toEqual(
      BLOCK.map((_, item) => BLOCK.slice(item)),
    );
    expect(taken).toEqual(ALL);
  });
});

describe('dead-letter', () => {
  test.each(BLOCK.map((place, item) => [item, ...place]))(
    'with item %d gives it up alone: %d:%d',
    async (item, sequence, index) => {
      const { flow, writes, taken } = blocks(once({ item, action: 'dead-letter' }));
      await flow.finish();
      expect(flow.letters).toMatchObject([
        { from: 'writer', sequence, item: index, items: [itemOf([sequence, index])], attempts: 1 },
      ]);
      expect(taken).toEqual(ALL.filter((_, i) => i !== item));
      if (item < BLOCK.length - 1) expect(writes[1]!.places).toEqual(BLOCK.slice(item + 1));
      expect(flow.published).toBe(EVENTS);
    },
  );

  test.each([0, 1, 3])(
    'without an item gives up all that the block has of its first sequence: %d',
    async (sequence) => {
      const before = placesFrom(0, sequence).length;
      // First the sequence becomes the first one of the batch.
      const { flow, writes, taken } = blocks((_, write) => {
        if (write === 1 && before > 0) throw new Nack('wait', { item: before });
        if (write === (before > 0 ? 2 : 1)) throw new Nack('no', { action: 'dead-letter' });
      });
      await flow.finish();
      const items = placesFrom(sequence, sequence + 1).map(itemOf);
      const attempts = before > 0 ? 2 : 1;
      expect(flow.letters).toMatchObject([{ from: 'writer', sequence, item: 0, items, attempts }]);
      expect(taken).toEqual(ALL.filter(([of]) => of !== sequence));
      if (sequence < 3) expect(writes[before > 0 ? 2 : 1]!.places).toEqual(placesFrom(sequence + 1, OF_BLOCK));
      expect(flow.counters(WRITER).deadLetters).toBe(items.length);
    },
  );

  test('without an item, in the middle of a sequence, gives up the rest of that', async () => {
    const { flow, taken } = blocks((_, write) => {
      if (write === 1) throw new Nack('wait', { item: 5 });
      if (write === 2) throw new Nack('no', { action: 'dead-letter' });
    });
    await flow.finish();
    const rest = placesFrom(1, 2).slice(2);
    expect(flow.letters).toMatchObject([{ sequence: 1, item: 2, items: rest.map(itemOf) }]);
    expect(taken).toEqual(ALL.filter(([of, index]) => of !== 1 || index < 2));
  });

  test('of every sequence leaves nothing, and every item is in one letter', async () => {
    const { flow, taken } = blocks(() => {
      throw new Nack('no', { action: 'dead-letter' });
    });
    await flow.finish();
    expect(taken).toEqual([]);
    expect(flow.letters.flatMap(({ items }) => items)).toEqual(ALL.map(itemOf));
    expect(flow.published).toBe(EVENTS);
  });

  test('gives up of a part only what the writer saw of it', async () => {
    const { flow, taken } = blocks(once({ action: 'dead-letter' }, 2), { maxItems: 5 });
    await flow.finish();
    // The second part begins at 1:2.
    expect(flow.letters).toMatchObject([{ sequence: 1, item: 2, items: [102, 103, 104, 105, 106] }]);
    expect(taken).toEqual(ALL.filter(([of, index]) => of !== 1 || index < 2 || index > 6));
  });

  test('that nobody takes names the sequence', async () => {
    const { flow } = blocks(once({ item: 7, action: 'dead-letter' }));
    flow.letters.push = () => {
      throw new Error('no room for letters');
    };
    await expect(flow.finish()).rejects.toMatchObject({ code: 'WRITER_FAILED', sequence: 1 });
  });
});

describe('recompute', () => {
  test.each(BLOCK.map((place, item) => [item, ...place]))(
    'with item %d, which is %d:%d, has its sequence and all behind it computed again, and is given what is missing',
    async (item, sequence) => {
      const { flow, writes, taken, computed } = blocks(once({ item, action: 'recompute' }));
      await flow.finish();
      expect(taken).toEqual(ALL);
      expect(writes[1]!.places[0]).toEqual(BLOCK[item]);
      expect(computed.slice(0, sequence).every((times) => times === 1)).toBe(true);
      expect(computed[sequence]).toBe(2);
    },
  );

  test('without an item has the block computed again from its first sequence on', async () => {
    const { flow, writes, taken, computed } = blocks(once({ action: 'recompute' }));
    await flow.finish();
    expect(taken).toEqual(ALL);
    expect(writes[1]!.places[0]).toEqual([0, 0]);
    expect(computed[0]).toBe(2);
  });
});

describe('an error names the sequence of the first item that is refused', () => {
  test.each(BLOCK.map((place, item) => [item, ...place]))(
    'a stop at item %d, which is %d:%d',
    async (item, sequence) => {
      const { flow, taken } = blocks(once({ item, action: 'stop' }));
      await expect(flow.finish()).rejects.toMatchObject({ code: 'WRITER_FAILED', sequence, thread: 'writer' });
      expect(taken).toEqual(BLOCK.slice(0, item));
      expect(flow.published).toBe(sequence);
    },
  );

  test('the last of several attempts, and one without an item', async () => {
    for (const [item, sequence] of [
      [6, 1],
      [undefined, 0],
    ] as const) {
      let isFirst = true;
      const { flow } = blocks(() => {
        const at = isFirst ? item : undefined;
        isFirst = false;
        throw new Nack('never', at === undefined ? {} : { item: at });
      });
      await expect(flow.finish()).rejects.toMatchObject({ code: 'WRITER_FAILED', sequence });
      expect(flow.published).toBe(sequence);
    }
  });

  test('what is thrown and is no Nack, behind a part that was taken', async () => {
    const { flow } = blocks((_, write) => {
      if (write === 1) throw new Nack('wait', { item: 13 });
      throw new TypeError('mine');
    });
    await expect(flow.finish()).rejects.toMatchObject({
      code: 'WRITER_FAILED',
      sequence: 3,
      cause: { message: 'mine' },
    });
    expect(flow.published).toBe(3);
  });

  test.each([
    [{}, BLOCK.length],
    [{ maxItems: 5 }, 5],
  ])('an item that a batch with %o does not have', async (options, length) => {
    const { flow } = blocks(once({ item: length }), options);
    await expect(flow.finish()).rejects.toMatchObject({
      code: 'WRITER_FAILED',
      sequence: 0,
      text: expect.stringContaining(
        `a Nack of item ${length} of a batch of ${length}: give its index within the batch`,
      ),
    });
  });
});

test('a Nack takes an object with its own options', () => {
  for (const options of [null, 5, 'retry', { items: 3 }, { delay: 5 }, { Action: 'stop' }]) {
    expect(() => new Nack('no', options as NackOptions)).toThrow('[BAD_OPTIONS] a Nack with');
  }
  expect(new Nack('no', {}).action).toBeUndefined();
});
