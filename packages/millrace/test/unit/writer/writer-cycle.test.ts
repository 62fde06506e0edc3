import { i32, struct, u32, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { CAUSES } from '../../../src/thread/causes.ts';
import { FIRST_PROCESSOR, WRITER } from '../../../src/thread/control-block.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

type Place = [sequence: number, first: number, length: number, last: boolean];

describe('batches', () => {
  test.each([0, 2 ** 31 - 3, 2 ** 32 - 3])('are cut at batchBytes, from sequence %d on', async (startAt) => {
    const places: Place[] = [];
    const flow = new HandFlow(
      {
        output: struct({ n: u32, m: u32 }) as never,
        process(sequence, out) {
          for (let n = 0; n < (sequence as number) - startAt; n++) out.emit({ n, m: 0 });
        },
      },
      {
        pipeline: { source: sequences(6), startAt },
        process: { threads: 1, laneBytes: 1_024, batchBytes: 16 },
        write: ({ sequence, first, length, last }) => void places.push([sequence - startAt, first, length, last]),
      },
      randomBy(1),
    );
    await flow.finish();
    expect(places).toEqual([
      [1, 0, 1, true],
      [2, 0, 2, true],
      [3, 0, 2, false],
      [3, 2, 1, true],
      [4, 0, 2, false],
      [4, 2, 2, true],
      [5, 0, 2, false],
      [5, 2, 2, false],
      [5, 4, 1, true],
    ]);
  });

  // Fails with: WriterCycle keeps the items taken of a sequence where a progress record passes it.
  test('begin at 0 also after a sequence whose processor gave up an item', async () => {
    const places: [sequence: number, first: number, length: number][] = [];
    const flow = new HandFlow(
      {
        output: struct({ n: u32, m: u32 }) as never,
        process(sequence, out) {
          for (let n = 0; n < 2; n++) out.emit({ n, m: 0 });
          if (sequence !== 1) return;
          // The record is full, the next one is open, and what comes is refused.
          expect(() => out.emit({ n: -1, m: 0 })).toThrow();
        },
      },
      {
        pipeline: { source: sequences(4), ticketMs: 0.001 },
        process: { threads: 1, laneBytes: 1_024, batchBytes: 16 },
        write: ({ sequence, first, length }) => void places.push([sequence, first, length]),
      },
      randomBy(1),
    );
    await flow.finish();
    expect(places).toEqual([0, 1, 2, 3].map((sequence) => [sequence, 0, 2]));
    expect(flow.published).toBe(4);
  });
});

describe('a writer', () => {
  const echo = {
    output: value() as never,
    process: (event: unknown, out: { emit(item: unknown): void }) => out.emit(event),
  };

  test('waits for a ticket, then for its processor, and is done at the end of the source', () => {
    const flow = new HandFlow(
      { ...echo, input: i32 as never },
      {
        pipeline: { source: i32 as never, capacity: 4 },
        process: { threads: 2 },
        write: () => {},
      },
    );
    const { cycle } = flow.writer;
    expect(cycle.doWork()).toBe(0);
    expect(cycle.waiting).toMatchObject({ cause: CAUSES.items, wanted: -1, timeoutMs: undefined });
    expect(cycle.isReady()).toBe(false);
    void flow.coordinator.cycle.doWork();
    // Nobody has the ticket.
    expect(cycle.isReady()).toBe(false);
    expect(flow.processors[1]!.cycle.doWork()).toBe(0);
    expect(cycle.isReady()).toBe(true);
    expect(cycle.doWork()).toBe(0);
    expect(cycle.waiting.wanted).toBe(1);
    flow.control.drain(0);
    expect(cycle.isReady()).toBe(true);
    expect([cycle.doWork(), cycle.doWork(), cycle.done]).toEqual([1, 1, true]);
  });

  test('stops at once when the flow stops', () => {
    const flow = new HandFlow(echo, { pipeline: { source: sequences(10) }, process: { threads: 1 }, write: () => {} });
    void flow.coordinator.cycle.doWork();
    flow.control.stop();
    for (const { cycle } of flow.players) {
      expect(cycle.isReady()).toBe(true);
      void cycle.doWork();
      expect(cycle.done).toBe(true);
    }
    expect(flow.published).toBe(0);
  });

  test.each(['throws', 'rejects'])(
    'whose destination %s fails with the sequence, and publishes nothing of it',
    async (how) => {
      const flow = new HandFlow(echo, {
        pipeline: { source: sequences(10) },
        process: { threads: 1 },
        write: ({ sequence }) => {
          if (sequence < 4) return undefined;
          const error = new TypeError('disk full');
          if (how === 'throws') throw error;
          return Promise.reject(error);
        },
      });
      await expect(flow.finish()).rejects.toMatchObject({
        code: 'WRITER_FAILED',
        sequence: 4,
        thread: 'writer',
        cause: { message: 'disk full' },
      });
      expect(flow.published).toBeLessThanOrEqual(4);
    },
  );

  test('counts what it delivered', async () => {
    const flow = new HandFlow(
      {
        output: i32 as never,
        process(sequence, out) {
          for (let i = 0; i < 3; i++) out.emit(sequence);
        },
      },
      { pipeline: { source: sequences(50) }, process: { threads: 2 }, write: () => {} },
      randomBy(3),
    );
    await flow.finish();
    expect(flow.counters(WRITER)).toMatchObject({ sequences: 50, items: 150, bytes: 600, batches: 50 });
    const processors = [FIRST_PROCESSOR, FIRST_PROCESSOR + 1].map((thread) => flow.counters(thread));
    expect(processors[0]!.items + processors[1]!.items).toBe(150);
    expect(processors[0]!.sequences + processors[1]!.sequences).toBe(50);
  });
});

describe('a processor', () => {
  test('that fails says on which sequence and thread, and keeps the cause', async () => {
    const cause = Object.assign(new RangeError('no such day'), { day: 7 });
    const flow = new HandFlow(
      {
        output: i32 as never,
        process(sequence) {
          if (sequence === 7) throw cause;
        },
      },
      { pipeline: { source: sequences(10) }, process: { threads: 1 }, write: () => {} },
    );
    await expect(flow.finish()).rejects.toMatchObject({
      code: 'PROCESSOR_FAILED',
      sequence: 7,
      thread: 'processor 0',
      cause,
    });
  });

  test('waits for a ticket, then for its event, and sees the end of the source', () => {
    const flow = new HandFlow(
      { input: u32 as never, output: u32 as never, process: () => {} },
      {
        pipeline: { source: u32 as never, capacity: 4 },
        process: { threads: 1 },
        write: () => {},
      },
    );
    const { cycle } = flow.processors[0]!;
    expect(cycle.doWork()).toBe(0);
    expect(cycle.waiting).toMatchObject({ cause: CAUSES.ticket, wanted: 1 });
    expect(cycle.isReady()).toBe(false);
    void flow.coordinator.cycle.doWork();
    expect(cycle.isReady()).toBe(true);
    expect(cycle.doWork()).toBe(0);
    expect(cycle.waiting).toMatchObject({ cause: CAUSES.input, wanted: 1 });
    expect(cycle.isReady()).toBe(false);
    flow.publisher!.tryPublish(5);
    expect(cycle.isReady()).toBe(true);
    expect(cycle.doWork()).toBe(1);
    expect(cycle.doWork()).toBe(0);
    flow.control.drain(1);
    expect(cycle.isReady()).toBe(true);
    void cycle.doWork();
    expect(cycle.done).toBe(true);
  });

  test('passes over events of no interest without computing them, and they are published', async () => {
    const seen: number[] = [];
    const flow = new HandFlow(
      {
        output: i32 as never,
        interested: (_event, sequence) => sequence % 10 === 3,
        process: (sequence, out) => {
          seen.push(sequence as number);
          out.emit(sequence);
        },
      },
      { pipeline: { source: sequences(50) }, process: { threads: 2 }, write: { capacity: 4 } },
      randomBy(4),
    );
    await flow.finish();
    expect(flow.read).toEqual([3, 13, 23, 33, 43]);
    expect(seen.sort((a, b) => a - b)).toEqual(flow.read);
    expect(flow.published).toBe(50);
  });
});
