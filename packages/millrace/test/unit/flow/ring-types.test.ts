import {
  attachReader,
  type BatchRuns,
  type Flow,
  type ItemBatch,
  i32,
  pipeline,
  type Reader,
  type ReaderHandle,
  type RingSpec,
  type SequencedBatch,
  sequences,
  toRing,
} from 'millrace';
import { describe, expect, expectTypeOf, it } from 'vitest';

type Module = { readonly default: { readonly output: typeof i32 } };
const stage = () => pipeline({ source: sequences(5) }).process<Module>('x');

// The types are the test: `npm run typecheck`. None of these functions runs.
const flowOf = {
  kept: () =>
    stage()
      .write(toRing({ sequences: true }))
      .start(),
  keptByCodec: () =>
    stage()
      .write(toRing({ codec: i32, sequences: true }))
      .start(),
  keptByName: () =>
    stage()
      .write(toRing<number>({ sequences: true, readyAt: 0.5 }))
      .start(),
  plain: () => stage().write(toRing()).start(),
  plainByOption: () =>
    stage()
      .write(toRing({ sequences: false }))
      .start(),
  unknown: (some: boolean) =>
    stage()
      .write(toRing({ codec: i32, sequences: some }))
      .start(),
  elsewhere: () => stage().write('y').start(),
};
type FlowOf<Name extends keyof typeof flowOf> = Awaited<ReturnType<(typeof flowOf)[Name]>>;

describe('batches of a ring', () => {
  it('have runs where it keeps sequences', () => {
    const check = async (flows: [FlowOf<'kept'>, FlowOf<'keptByCodec'>, FlowOf<'keptByName'>]) => {
      for (const flow of flows) {
        for await (const batch of flow.results().batches()) {
          expectTypeOf(batch).toEqualTypeOf<SequencedBatch<number>>();
          expectTypeOf(batch.runs).toEqualTypeOf<number>();
          expectTypeOf(batch.runEnds(0)).toEqualTypeOf<boolean>();
          expectTypeOf(batch.sequenceAt(0)).toEqualTypeOf<number>();
          expectTypeOf(batch.at(0)).toEqualTypeOf<number>();
        }
        for await (const item of flow.results()) expectTypeOf(item).toEqualTypeOf<number>();
      }
      // Whoever does not need them takes a flow that has them.
      const plain: Flow<never, number> = flows[0];
      const spec: RingSpec<number> = toRing<number>({ sequences: true });
      return [plain, spec];
    };
    expect(check).toBeTypeOf('function');
  });

  it('have none otherwise, nor where that is not known', () => {
    const check = async (flows: [FlowOf<'plain'>, FlowOf<'plainByOption'>, FlowOf<'unknown'>, Flow<never, number>]) => {
      for (const flow of flows) {
        for await (const batch of flow.results().batches()) {
          expectTypeOf(batch).toExtend<ItemBatch<number>>();
          // @ts-expect-error
          batch.runs;
          // @ts-expect-error
          batch.sequenceAt(0);
        }
      }
      // @ts-expect-error a flow that has none is not one that has them
      const kept: Flow<never, number, unknown, BatchRuns> = flows[0];
      // @ts-expect-error neither is a ring
      const spec: RingSpec<number, BatchRuns> = toRing<number>();
      return [kept, spec];
    };
    expect(check).toBeTypeOf('function');
  });

  it('are told to readers on other threads by the handle, or by name', () => {
    const check = (kept: FlowOf<'kept'>, plain: FlowOf<'plain'>, handle: ReaderHandle) => {
      expectTypeOf(kept.reader()).toEqualTypeOf<ReaderHandle<BatchRuns>>();
      for (const batch of attachReader(kept.reader()).batches()) expectTypeOf(batch.runs).toEqualTypeOf<number>();
      const { handle: received } = JSON.parse('') as { handle: ReaderHandle<BatchRuns> };
      const named: Reader<number, BatchRuns> = attachReader<number, BatchRuns>(received);
      for (const batch of named.batches()) expectTypeOf(batch).toEqualTypeOf<SequencedBatch<number>>();
      const readers = [
        attachReader<number>(plain.reader()),
        attachReader<number>(handle),
        attachReader<number>(received),
      ];
      for (const reader of readers) {
        expectTypeOf(reader).toEqualTypeOf<Reader<number>>();
        // @ts-expect-error
        for (const batch of reader.batches()) batch.runs;
      }
      // @ts-expect-error a ring that keeps none has none by name
      attachReader<number, BatchRuns>(plain.reader());
      // What comes as `any` has none before somebody says so.
      // @ts-expect-error
      for (const batch of attachReader<number>(JSON.parse('')).batches()) batch.runs;
      // @ts-expect-error
      for (const batch of attachReader(JSON.parse('')).batches()) batch.runs;
      for (const batch of attachReader<number, BatchRuns>(JSON.parse('')).batches()) batch.runs;
    };
    expect(check).toBeTypeOf('function');
  });
});
