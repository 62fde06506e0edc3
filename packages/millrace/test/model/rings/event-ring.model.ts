import { joinThread, model, type Options } from '@millrace/interleave';
import {
  EventRingProducer,
  EventRingReader,
  type FreeSpace,
  freePlace,
  park,
  takenPlaces,
  wakeRing,
} from 'native-free-rings';
import { load, store } from '#atomics';
import { expect, expectSame } from '../support/attached.ts';
import {
  claim,
  consume,
  fill,
  pass,
  produce,
  type Shape,
  type Shared,
  START,
  seenOf,
  setup,
  skip,
  VOID,
} from '../support/rings.ts';

/**
 * Event ring: each reader sees every record from where it joined, once, in order and whole; producers wait for the slowest
 * reader and for nobody else; nobody sleeps on (deadlock check); a record, and the range of what was skipped, is not written
 * over while a reader may read it (race check). What was skipped is void for every reader, from wherever it looks, and nothing
 * else is.
 */
const produceAndClose = (
  ring: EventRingProducer,
  values: readonly number[],
  sizes?: readonly number[],
  least?: FreeSpace,
): void => {
  produce(ring, values, sizes, least);
  ring.close();
};

/** `part` begins somewhere in `all` and goes on to its end. */
function isTail(part: readonly number[], all: readonly number[]): void {
  expectSame('records from joining on', part, all.slice(all.length - part.length));
}

interface Case extends Shape {
  /** What has to be free before the producer goes on that found the ring full. */
  readonly least?: FreeSpace;
  readonly options?: Options;
  readonly long?: Options;
}

function oneProducer(name: string, values: readonly number[], rest: Case, each = true, sizes?: readonly number[]) {
  const { options, long, least, ...shape } = rest;
  const names = shape.attachedReaders ?? ['reader'];
  return model<Shared>({
    name,
    setup: () => setup(shape),
    threads: {
      producer: ({ producers }) => produceAndClose(producers[0]!(), values, sizes, least),
      ...Object.fromEntries(
        names.map((key, i) => [key, ({ readers }: Shared) => consume(readers[i]!(), undefined, each)]),
      ),
    },
    after(_, { results }) {
      for (const reader of names) expectSame(reader, results[reader] as number[], seenOf(values));
    },
    options,
    long,
  });
}

/** The producer dies at any step; its successor knows from the ring alone what was shown, and goes on there. */
function successor(name: string, values: readonly number[], rest: Case, sizes?: readonly number[]) {
  const { options, long, ...shape } = rest;
  return model<Shared>({
    name,
    setup: () => setup(shape, [['producer', 'heir']]),
    threads: {
      producer: ({ producers }) => produceAndClose(producers[0]!(), values, sizes),
      heir({ handle }) {
        if (joinThread('producer') !== 'died') return;
        const own = new EventRingProducer(handle, { takeOver: true });
        const shown = own.peekNext() - START;
        wakeRing(handle);
        produceAndClose(own, values.slice(shown), sizes?.slice(shown));
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after: (_, { results }) => expectSame('reader', results.reader as number[], values),
    options: { deaths: { threads: ['producer'] }, ...options },
    long,
  });
}

const single = [
  successor('event ring: a producer dies, and its successor goes on', [10, 20], {
    capacity: 1,
    options: { preemptions: 2 },
    long: { preemptions: 4 },
  }),
  successor(
    'event ring: a producer dies, and its successor goes on with records of varying length',
    [10, 20, 30],
    { dataBytes: 64, options: { preemptions: 2 }, long: { preemptions: 3 } },
    [8, 24, 16],
  ),
  oneProducer('event ring: one slot', [10, 20], { capacity: 1 }),
  oneProducer('event ring: two slots, wrap at 2^31', [10, 20, 30], {}),
  oneProducer('event ring: released together', [10, 20, 30], {}, false),
  oneProducer('event ring: the slower of two readers gates', [10, 20], {
    capacity: 1,
    attachedReaders: ['reader0', 'reader1'],
    options: { preemptions: 2 },
    long: { preemptions: 3 },
  }),
  oneProducer(
    'event ring: records of varying length',
    [10, 20, 30, 40],
    { dataBytes: 64, capacity: 4, options: { preemptions: 4 }, long: { preemptions: 5 } },
    true,
    [8, 24, 16, 24],
  ),
  oneProducer('event ring: full until all of it is free', [10, 20, 30], {
    least: { records: 2, bytes: 0 },
  }),
  oneProducer(
    'event ring: records of varying length, full until all of it is free',
    [10, 20, 30, 40],
    {
      dataBytes: 64,
      capacity: 4,
      least: { records: 4, bytes: 64 },
      options: { preemptions: 3 },
      long: { preemptions: 4 },
    },
    true,
    [8, 24, 16, 24],
  ),
  oneProducer(
    'event ring: records of varying length, full until half of it is free',
    [10, 20, 30, 40, 50],
    {
      dataBytes: 64,
      capacity: 4,
      least: { records: 2, bytes: 32 },
      options: { preemptions: 3 },
      long: { preemptions: 4 },
    },
    false,
    [8, 24, 16, 24, 8],
  ),
  oneProducer('event ring: skips between records', [10, skip(2), 20], {
    capacity: 4,
    skips: 2,
    options: { preemptions: 3 },
    long: { preemptions: 4 },
  }),
  oneProducer(
    'event ring: skips, released together',
    [skip(2), skip(1), 10, skip(2), 20],
    { capacity: 4, skips: 4, options: { preemptions: 3 }, long: { preemptions: 4 } },
    false,
  ),
  oneProducer('event ring: fewer ranges than slots', [skip(1), skip(1), 10, skip(1)], {
    capacity: 4,
    skips: 1,
    options: { preemptions: 2 },
    long: { preemptions: 3 },
  }),
  oneProducer(
    'event ring: skips between records of varying length',
    [10, skip(2), 20, skip(1), 30],
    { dataBytes: 64, capacity: 2, skips: 2, options: { preemptions: 2 }, long: { preemptions: 3 } },
    true,
    [24, 0, 16, 0, 24],
  ),
  model<Shared>({
    name: 'event ring: a producer dies in a skip, and its successor writes records instead',
    setup: () => setup({ capacity: 4, dataBytes: 64, skips: 2 }, [['producer', 'heir']]),
    threads: {
      producer({ producers }) {
        const ring = producers[0]!();
        // Not shown before it skips.
        fill(ring, claim(ring, 24), 10, 24);
        ring.commit(24);
        pass(ring, 2);
        ring.publish();
      },
      heir({ handle }) {
        joinThread('producer');
        const own = new EventRingProducer(handle, { takeOver: true });
        const shown = own.peekNext() - START;
        const rest = [20, 30, 40, 50].slice(shown);
        wakeRing(handle);
        produceAndClose(
          own,
          rest,
          rest.map(() => 24),
        );
        return [...[10, VOID, VOID].slice(0, shown), ...rest];
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after: (_, { results }) => expectSame('reader', results.reader as number[], results.heir as number[]),
    options: { deaths: { threads: ['producer'] }, preemptions: 1 },
    long: { preemptions: 2 },
  }),
];

/** One reader is there from the start, a second one joins at the oldest record that is kept, while the producer goes on. */
function joining(name: string, shape: Shape, values: readonly number[]) {
  const sizes = shape.dataBytes === undefined ? undefined : values.map(() => 24);
  return model<Shared>({
    name,
    setup: () => setup({ readers: 2, ...shape }),
    threads: {
      producer: ({ producers }) => produceAndClose(producers[0]!(), values, sizes),
      reader: ({ readers }) => consume(readers[0]!()),
      joiner: ({ handle }) => consume(new EventRingReader(handle)),
    },
    after(_, { results }) {
      expectSame('reader', results.reader as number[], values);
      isTail(results.joiner as number[], values);
    },
    options: { preemptions: 2 },
  });
}

const coming = [
  joining('event ring: a reader joins while the producer writes over', {}, [10, 20, 30]),
  joining('event ring: a reader joins a ring of one slot', { capacity: 1 }, [10, 20]),
  joining('event ring: a reader joins, records of varying length', { dataBytes: 64 }, [10, 20, 30]),

  model<Shared>({
    name: 'event ring: a reader leaves and the producer that waited for it goes on',
    setup: () => setup({ capacity: 1, attachedReaders: ['leaver', 'reader'] }),
    threads: {
      producer: ({ producers }) => produce(producers[0]!(), [10, 20]),
      leaver: ({ readers }) => readers[0]!().detach(),
      reader: ({ readers }) => consume(readers[1]!(), 2),
    },
    after: (_, { results }) => expectSame('reader', results.reader as number[], [10, 20]),
    options: { preemptions: 3 },
    long: { preemptions: 4 },
  }),

  model<Shared>({
    name: 'event ring: a reader dies, its place is freed, and the producer that waited for it goes on',
    setup: () =>
      setup({ capacity: 1, attachedReaders: ['dying', 'reader'], readerParts: [['dying', 'host'], 'reader'] }),
    threads: {
      producer: ({ producers }) => produce(producers[0]!(), [10, 20]),
      dying: ({ readers }) => consume(readers[0]!(), 2),
      reader: ({ readers }) => consume(readers[1]!(), 2),
      host({ handle }) {
        if (joinThread('dying') !== 'died') return undefined;
        for (const place of takenPlaces(handle)) if (place.owner === 1) freePlace(handle, place);
        return takenPlaces(handle).filter(({ role }) => role === 'reader').length;
      },
    },
    after(_, { results, dead }) {
      expectSame('reader', results.reader as number[], [10, 20]);
      expect(dead.length === 0 || results.host === 1, 'the place is not free');
    },
    options: { deaths: { threads: ['dying'] }, preemptions: 1 },
    long: { preemptions: 2 },
  }),

  model<Shared>({
    name: 'event ring: a reader leaves, and another takes its place, while the producer looks at the gates',
    setup: () => setup({ capacity: 2 }),
    threads: {
      producer: ({ producers }) => produceAndClose(producers[0]!(), [10, 20, 30]),
      reader({ readers, handle }) {
        const first = consume(readers[0]!(), 1);
        readers[0]!().detach();
        return [...first, ...consume(new EventRingReader(handle))];
      },
    },
    after(_, { results }) {
      const [first, ...rest] = results.reader as number[];
      expect(first === 10, `the first record was ${first}`);
      isTail(rest, [10, 20, 30]);
    },
    options: { preemptions: 3 },
    long: { preemptions: 4 },
  }),

  model<Shared>({
    name: 'event ring: wakeRing against two sleepers that look at a word of their own',
    setup: () => setup({ capacity: 1 }),
    threads: {
      producer({ producers, flag }) {
        const ring = producers[0]!();
        ring.tryClaim();
        ring.commit();
        ring.waitForRoom(park(), 1, 0, () => load(flag, 0) === 1);
      },
      reader: ({ readers, flag }) => readers[0]!().waitFor(START + 1, park(), () => load(flag, 0) === 1),
      host({ handle, flag }) {
        store(flag, 0, 1);
        wakeRing(handle);
      },
    },
    options: { preemptions: 3 },
    long: { preemptions: 4 },
  }),
];

export const eventRings = [...single, ...coming];
