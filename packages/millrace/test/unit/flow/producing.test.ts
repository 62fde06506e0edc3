import {
  attachProducer,
  bytes,
  type Flow,
  f64,
  i32,
  i64,
  type Producer,
  type ProducerHandle,
  pipeline,
  sequences,
  struct,
  u8,
  u32,
  value,
} from 'millrace';
import { describe, expect, expectTypeOf, it } from 'vitest';

const Tick = struct({ price: f64, size: u32 });
type Tick = { price: number; size: number };

// The types are the test: `npm run typecheck`. None of these functions runs.
const flowOf = {
  struct: () => pipeline({ source: Tick }).process('x').write('y').start(),
  i32: () => pipeline({ source: i32 }).process('x').write('y').start(),
  i64: () => pipeline({ source: i64 }).process('x').write('y').start(),
  value: () => pipeline({ source: value<{ a: 1 }>() }).process('x').write('y').start(),
  bare: () => pipeline({ source: sequences() }).process('x').write('y').start(),
};
const attach = {
  struct: (handle: ProducerHandle) => attachProducer(handle, Tick),
  u8: (handle: ProducerHandle) => attachProducer(handle, u8),
  i64: (handle: ProducerHandle) => attachProducer(handle, i64),
  bytes: (handle: ProducerHandle) => attachProducer(handle, bytes()),
  unknown: (handle: ProducerHandle) => attachProducer<Tick>(handle),
};

describe('what fills events in place', () => {
  it('is next() for structs alone', () => {
    const check = async (
      flow: Awaited<ReturnType<typeof flowOf.struct>>,
      producer: ReturnType<typeof attach.struct>,
    ) => {
      expectTypeOf(flow.publish).parameter(0).toExtend<Tick | Iterable<Tick> | AsyncIterable<Tick>>();
      expectTypeOf(await flow.next()).toEqualTypeOf<Tick>();
      expectTypeOf(flow.tryNext()).toEqualTypeOf<Tick | undefined>();
      expectTypeOf(producer.next()).toEqualTypeOf<Tick>();
      expectTypeOf(producer.tryNext()).toEqualTypeOf<Tick | undefined>();
      expectTypeOf(producer.publish).parameter(0).toEqualTypeOf<Tick>();
      producer.next().price = 5;
      flow.commit();
      producer.commit();
      producer.abort();
      // @ts-expect-error a struct has no such field
      producer.next().prise = 5;
      // @ts-expect-error a field takes numbers
      producer.next().price = '5';
      // @ts-expect-error an event of next() is one
      producer.commit(1);
      // @ts-expect-error the flow is no array of numbers
      flow.claim(5);
      // @ts-expect-error nor is the producer
      producer.claim(5);
      // @ts-expect-error and has no such array
      producer.items.length;
    };
    expect(check).toBeTypeOf('function');
  });

  it('is claim(n) for numbers of one type alone', () => {
    const check = async (flow: Awaited<ReturnType<typeof flowOf.i32>>, producer: ReturnType<typeof attach.u8>) => {
      expectTypeOf(await flow.claim(5)).toEqualTypeOf<number>();
      expectTypeOf(flow.tryClaim(5)).toEqualTypeOf<number>();
      expectTypeOf(flow.items).toEqualTypeOf<Int32Array>();
      expectTypeOf(flow.begin).toEqualTypeOf<number>();
      expectTypeOf(producer.claim(5)).toEqualTypeOf<number>();
      expectTypeOf(producer.items).toEqualTypeOf<Uint8Array>();
      flow.commit(5);
      producer.commit(5);
      producer.abort();
      // @ts-expect-error a claim is committed with a number of events
      producer.commit();
      // @ts-expect-error `items` is not the user's to replace
      producer.items = new Uint8Array(5);
      // @ts-expect-error the flow is of numbers
      flow.next();
      // @ts-expect-error and so is the producer
      producer.next();
    };
    const bigints = async (flow: Awaited<ReturnType<typeof flowOf.i64>>, producer: ReturnType<typeof attach.i64>) => {
      expectTypeOf(flow.items[0]!).toEqualTypeOf<bigint>();
      expectTypeOf(producer.items).toEqualTypeOf<BigInt64Array>();
    };
    expect([check, bigints]).toHaveLength(2);
  });

  it('is neither for other codecs, nor where the codec is not known; skip is there for all', () => {
    const check = async (
      flows: [Awaited<ReturnType<typeof flowOf.value>>, Awaited<ReturnType<typeof flowOf.bare>>, Flow<Tick>],
      producers: [ReturnType<typeof attach.bytes>, ReturnType<typeof attach.unknown>, Producer<Tick>],
    ) => {
      for (const flow of flows) {
        await flow.skip(5, { signal: AbortSignal.timeout(5) });
        expectTypeOf(flow.trySkip(5)).toEqualTypeOf<number>();
        // @ts-expect-error
        flow.next();
        // @ts-expect-error
        flow.claim(1);
      }
      for (const producer of producers) {
        producer.skip(5);
        expectTypeOf(producer.trySkip(5)).toEqualTypeOf<number>();
        // @ts-expect-error
        producer.next();
        // @ts-expect-error
        producer.claim(1);
      }
      producers[1].publish({ price: 1, size: 2 });
      // @ts-expect-error no event of that source
      producers[1].publish({ price: 1 });
    };
    expect(check).toBeTypeOf('function');
  });

  it('fits where a flow or a producer is asked for whose codec is not known', () => {
    const check = (flow: Awaited<ReturnType<typeof flowOf.struct>>, producer: ReturnType<typeof attach.struct>) => {
      const some: Flow<Tick, never> = flow;
      const one: Producer<Tick> = producer;
      const known: Flow<Tick, never, typeof Tick> = flow;
      const knownOne: Producer<Tick, typeof Tick> = producer;
      return [some, one, known, knownOne];
    };
    expect(check).toBeTypeOf('function');
  });
});
