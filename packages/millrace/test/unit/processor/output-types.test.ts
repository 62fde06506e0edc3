/** What the types of outputs and batches allow: the file is checked by the compiler, and runs for nothing else. */
import { type bool, bytes, f64, i32, struct, text, type u64, value } from '@millrace/codec';
import { describe, expectTypeOf, test } from 'vitest';
import { processor } from '../../../src/processor/definition.ts';
import type { Output } from '../../../src/processor/output.ts';
import type { Batch } from '../../../src/writer/batch.ts';
import { writer } from '../../../src/writer/definition.ts';

const Quote = struct({ strike: f64, name: text(8) });

describe('an output', () => {
  test('of numbers has claim, items and commit', () => {
    processor({
      output: i32,
      process(sequence, out) {
        expectTypeOf(sequence).toEqualTypeOf<number>();
        expectTypeOf(out).toEqualTypeOf<Output<typeof i32>>();
        expectTypeOf(out.claim).toEqualTypeOf<(n: number) => number>();
        expectTypeOf(out.items).toEqualTypeOf<Int32Array>();
        expectTypeOf(out.emit).parameter(0).toEqualTypeOf<number>();
        expectTypeOf(out).not.toHaveProperty('next');
      },
    });
    expectTypeOf<Output<typeof u64>['items']>().toEqualTypeOf<BigUint64Array>();
    expectTypeOf<Output<typeof u64>['emit']>().parameter(0).toEqualTypeOf<bigint>();
  });

  test('of a struct has next, whose fields have the types of their codecs', () => {
    processor({
      input: Quote,
      output: Quote,
      process(quote, out) {
        expectTypeOf(quote).toEqualTypeOf<{ strike: number; name: string }>();
        expectTypeOf(out.next()).toEqualTypeOf<{ strike: number; name: string }>();
        expectTypeOf(out).not.toHaveProperty('claim');
        expectTypeOf(out).not.toHaveProperty('items');
      },
    });
  });

  test('of any other codec, or of an unknown one, has emit alone', () => {
    expectTypeOf<Output<typeof bool>>().not.toHaveProperty('claim');
    const [some, any] = [bytes(), value()];
    expectTypeOf<Output<typeof some>>().not.toHaveProperty('next');
    expectTypeOf<Output<typeof any>>().not.toHaveProperty('claim');
    expectTypeOf<Output<number>>().not.toHaveProperty('claim');
    expectTypeOf<Output<number>['emit']>().parameter(0).toEqualTypeOf<number>();
    expectTypeOf<Output<typeof i32>>().toExtend<Output<number>>();
  });

  test('takes no item of another type', () => {
    processor({
      output: i32,
      process(_sequence, out) {
        // @ts-expect-error no number
        if (out.sequence < 0) out.emit('text');
      },
    });
  });
});

describe('a batch', () => {
  test('of numbers has their typed array in its segments', () => {
    writer({
      input: i32,
      write(batch) {
        expectTypeOf(batch.segments[0]!.items).toEqualTypeOf<Int32Array>();
        expectTypeOf(batch.at(0)).toEqualTypeOf<number>();
      },
    });
    expectTypeOf<Batch<typeof u64>['segments'][number]['items']>().toEqualTypeOf<BigUint64Array>();
  });

  test('of any other codec, or of an unknown one, has none', () => {
    writer({
      input: Quote,
      write(batch) {
        expectTypeOf(batch.segments[0]!).not.toHaveProperty('items');
        expectTypeOf(batch.toArray()).toEqualTypeOf<{ strike: number; name: string }[]>();
      },
    });
    writer<number>({
      write(batch) {
        expectTypeOf(batch).toEqualTypeOf<Batch<number>>();
        expectTypeOf(batch.segments[0]!).not.toHaveProperty('items');
      },
    });
  });
});
