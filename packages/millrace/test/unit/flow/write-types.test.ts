/** What the types of `.write` allow: the file is checked by the compiler, and runs for nothing else. */
import {
  type Batch,
  i32,
  type Progress,
  pipeline,
  toRing,
  type WriteFunctionOptions,
  type WriterContext,
  writer,
} from 'millrace';
import { describe, expectTypeOf, test } from 'vitest';

const MODULE = new URL('file:///none.js');
const stage = () => pipeline({ source: i32 }).process<{ default: { output: typeof i32 } }>(MODULE);

describe('options of .write', () => {
  test('of a function: what a batch holds, and its parts', () => {
    stage().write(
      (batch) => {
        expectTypeOf(batch).toEqualTypeOf<Batch<number>>();
        return Promise.resolve();
      },
      {
        maxItems: 500,
        lingerMs: 20,
        maxInFlight: 8,
        demand: 'credit',
        readyAt: 100,
        commitMs: 5,
        onNack: 'retry',
        init(context) {
          expectTypeOf(context).toEqualTypeOf<WriterContext>();
          expectTypeOf(context.ready).toEqualTypeOf<(n: number) => void>();
          return { sequence: 0, items: 0 };
        },
        commit(progress) {
          expectTypeOf(progress).toEqualTypeOf<Progress>();
        },
        close: async () => {},
        dispose() {},
      },
    );
    expectTypeOf<WriteFunctionOptions['batches']>().toEqualTypeOf<'block' | 'sequence' | undefined>();
    expectTypeOf<WriteFunctionOptions>().not.toHaveProperty('export');
    expectTypeOf<WriteFunctionOptions>().not.toHaveProperty('data');
    expectTypeOf<WriteFunctionOptions>().not.toHaveProperty('warmUp');
  });

  test('of a module: what a batch holds, and not what the module has itself', () => {
    stage().write(MODULE, { maxItems: 500, lingerMs: 20, maxInFlight: 8, readyAt: 100, batches: 'block', data: 5 });
    // @ts-expect-error a module has its own
    stage().write(MODULE, { init() {} });
    // @ts-expect-error a module has its own
    stage().write(MODULE, { demand: 'credit' });
  });

  test('are none for a ring', () => {
    // @ts-expect-error a ring has none
    stage().write(toRing<number>(), { maxInFlight: 8 });
  });

  test('are no words', () => {
    // @ts-expect-error a number
    stage().write(() => {}, { maxInFlight: '8' });
    // @ts-expect-error one of two
    stage().write(() => {}, { batches: 'all' });
    // @ts-expect-error a promise of what is no place
    stage().write(() => {}, { init: async () => 5 });
  });
});

test('a writer module says the same of itself, and keeps the type of its batches', () => {
  writer({
    input: i32,
    maxInFlight: 8,
    lingerMs: 5,
    maxItems: 100,
    write(batch) {
      expectTypeOf(batch).toEqualTypeOf<Batch<typeof i32>>();
      expectTypeOf(batch.segments[0]!.items).toEqualTypeOf<Int32Array>();
    },
  });
  // @ts-expect-error a number
  writer({ input: i32, maxInFlight: 'many', write() {} });
});

test('what the promise of a client resolves with is nobody’s concern', () => {
  const send = async (items: number[]): Promise<{ offset: number }[]> => items.map((offset) => ({ offset }));
  const end = async (): Promise<boolean> => true;
  writer({ input: i32, write: (batch) => send(batch.toArray()), commit: end, close: end, dispose: end });
  stage().write((batch) => send(batch.toArray()), { close: end });
});
