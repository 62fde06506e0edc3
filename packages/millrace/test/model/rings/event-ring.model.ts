import { joinThread, model, type Options } from '@millrace/interleave';
import {
  createEventRing,
  type EventRingOptions,
  EventRingProducer,
  EventRingReader,
  type FreeSpace,
  FULL,
  freePlace,
  park,
  takenPlaces,
  wakeRing,
} from 'native-free-rings';
import { allocate, load, store, viewI32 } from '#atomics';
import { attached, expect, expectSame } from '../support/attached.ts';
import { ownEventRing } from '../support/owners.ts';

/**
 * Event ring: each reader sees every record from where it joined, once, in order and whole; producers wait for the slowest
 * reader and for nobody else; nobody sleeps on (deadlock check); a record, and the range of what was skipped, is not written
 * over while a reader may read it (race check). What was skipped is void for every reader, from wherever it looks, and nothing
 * else is.
 */
interface Shape extends Partial<EventRingOptions> {
  /** Names of the threads which read, attached before they start. Default `reader`. */
  readonly attachedReaders?: readonly string[];
  /** By place, where a part passes on. */
  readonly readerParts?: readonly (string | readonly string[])[];
}

const START = 2 ** 31 - 2;

/** The producers, by place: a ring with one of them is not shared. */
const PRODUCERS = { one: ['producer'], two: ['first', 'second'] };

function setup(
  { attachedReaders = ['reader'], readerParts, ...options }: Shape,
  parts?: readonly (readonly string[])[],
) {
  const handle = createEventRing({
    capacity: 2,
    slotBytes: options.dataBytes === undefined ? 4 : 0,
    readers: attachedReaders.length,
    start: START,
    ...options,
  });
  const flag = viewI32(allocate(4));
  const readers = attachedReaders.map((_, i) => attached(new EventRingReader(handle, { owner: i + 1 })));
  const names = options.producers === 2 ? PRODUCERS.two : PRODUCERS.one;
  const producers = names.map(() => attached(new EventRingProducer(handle)));
  ownEventRing(handle, parts ?? names, readerParts ?? attachedReaders);
  return { handle, flag, producers, readers };
}
type Shared = ReturnType<typeof setup>;

/** A value of a script that means: skip so many sequences. */
const skip = (count: number): number => -count;

const VOID = -7;

/** What readers see of a script. */
const seenOf = (values: readonly number[]): number[] =>
  values.flatMap((value) => (value < 0 ? Array.from({ length: -value }, () => VOID) : [value]));

/** Skips, waiting for room. */
function pass(ring: EventRingProducer, count: number, stopped?: () => boolean): void {
  while (ring.trySkip(count) === FULL) {
    if (stopped?.() === true) return;
    ring.waitToSkip(park(), count, stopped);
  }
}

/** Claims one record, waiting for room, and until `least` is free. */
function claim(ring: EventRingProducer, bytes: number, least?: FreeSpace): number {
  for (;;) {
    const sequence = bytes === 0 ? ring.tryClaim() : ring.tryClaimBytes(bytes);
    if (sequence !== FULL) return sequence;
    ring.waitForRoom(park(), 1, bytes, undefined, least);
  }
}

/** Where a record of `bytes` (0: of a slot) was claimed: index into `memory.i32`. */
const claimedAt = (ring: EventRingProducer, sequence: number, bytes: number): number =>
  (bytes === 0 ? ring.offsetOf(sequence) : ring.claimOffset) >> 2;

function fill(ring: EventRingProducer, sequence: number, value: number, bytes: number): void {
  const at = claimedAt(ring, sequence, bytes);
  for (let word = 0; word < Math.max(bytes >> 2, 1); word++) ring.memory.i32[at + word] = value + word;
}

function produce(
  ring: EventRingProducer,
  values: readonly number[],
  sizes: readonly number[] = [],
  least?: FreeSpace,
): void {
  for (const [i, value] of values.entries()) {
    if (value < 0) {
      pass(ring, -value);
      ring.publish();
      continue;
    }
    const bytes = sizes[i] ?? 0;
    const sequence = claim(ring, bytes, least);
    fill(ring, sequence, value, bytes);
    ring.commit(bytes);
    ring.publish();
  }
}

function readOne(ring: EventRingReader, sequence: number): number {
  const { records } = ring;
  if (records.isVoid(sequence)) return VOID;
  const at = records.offsetOf(sequence) >> 2;
  const value = ring.memory.i32[at]!;
  for (let word = 1; word < records.lengthOf(sequence) >> 2; word++) {
    expect(ring.memory.i32[at + word] === value + word, `record ${sequence} of ${value} is torn at ${word}`);
  }
  return value;
}

/** Reads `count` records (default: until the ring is closed); releases after each, or all that there are at once. */
function consume(ring: EventRingReader, count = Number.POSITIVE_INFINITY, each = true): number[] {
  const seen: number[] = [];
  let next = ring.peekNext();
  while (seen.length < count && !ring.isClosedAt(next)) {
    ring.waitFor(next, park());
    const end = ring.loadEnd();
    for (; next < end && seen.length < count; next++) {
      seen.push(readOne(ring, next));
      if (each) ring.release(next + 1);
    }
    ring.release(next);
  }
  return seen;
}

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
        return takenPlaces(handle).length;
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

/** What a producer of a shared ring does with its claims, in turn. */
type Script = readonly ('commit' | 'abort' | 'skip')[];

/**
 * Claims, fills and settles once for each entry. Ends early when the ring was closed. Returns what was committed; numbers
 * are 100 apart from producer to producer.
 */
function produceShared(ring: EventRingProducer, first: number, script: Script, bytes: number): number[] {
  const committed: number[] = [];
  for (const [i, how] of script.entries()) {
    if (how === 'skip') {
      pass(ring, 2, () => ring.isClosed());
      ring.publish();
      continue;
    }
    let sequence = FULL;
    while (sequence === FULL) {
      if (ring.isClosed()) return committed;
      sequence = bytes === 0 ? ring.tryClaim() : ring.tryClaimBytes(bytes);
      if (sequence === FULL) ring.waitForRoom(park(), 1, bytes, () => ring.isClosed());
    }
    fill(ring, sequence, first + i, bytes);
    if (how === 'commit') committed.push(first + i);
    if (how === 'commit') ring.commit(bytes);
    else ring.abort();
    ring.publish();
  }
  return committed;
}

interface SharedCase extends Case {
  readonly scripts: readonly [Script, Script];
  /** The second producer closes the ring when it is done, whatever the first one is at; else when both are. */
  readonly closesEarly?: boolean;
}

function sharedRing(name: string, { scripts, closesEarly = false, options, long, ...shape }: SharedCase) {
  const bytes = shape.dataBytes === undefined ? 0 : 16;
  return model<Shared>({
    name,
    setup: () => setup({ producers: 2, ...shape }),
    threads: {
      first: ({ producers }) => produceShared(producers[0]!(), 100, scripts[0], bytes),
      second({ producers, handle }) {
        const ring = producers[1]!();
        const committed = produceShared(ring, 200, scripts[1], bytes);
        if (!closesEarly) joinThread('first');
        ring.close();
        wakeRing(handle);
        return committed;
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after(_, { results }) {
      const seen = (results.reader as number[]).filter((value) => value !== VOID);
      const of = (begin: number) => seen.filter((value) => value >= begin && value < begin + 100);
      expectSame('records of the first producer', of(100), results.first as number[]);
      expectSame('records of the second producer', of(200), results.second as number[]);
    },
    options: options ?? { preemptions: 2 },
    long: long ?? { preemptions: 3 },
  });
}

export const sharedRings = [
  sharedRing('shared ring: two producers, commits in any order', { scripts: [['commit'], ['commit']] }),
  sharedRing('shared ring: two producers wait for one slot', {
    scripts: [['commit'], ['commit']],
    capacity: 1,
  }),
  sharedRing('shared ring: an aborted claim is void', { scripts: [['abort', 'commit'], ['commit']] }),
  sharedRing('shared ring: closed against an open claim', {
    scripts: [['commit', 'commit'], ['commit']],
    closesEarly: true,
  }),
  sharedRing('shared ring: a skip between claims of another producer', {
    scripts: [['commit', 'commit'], ['skip']],
    capacity: 4,
    skips: 4,
  }),
  sharedRing('shared ring: skips that wait for ranges and slots', {
    scripts: [['skip', 'commit'], ['skip']],
    skips: 1,
    options: { preemptions: 1 },
    long: { preemptions: 2 },
  }),
  sharedRing('shared ring: a skip against records of varying length', {
    scripts: [['skip', 'commit'], ['commit']],
    dataBytes: 64,
    skips: 2,
    options: { preemptions: 1 },
    long: { preemptions: 2 },
  }),
  sharedRing('shared ring: records of varying length', { scripts: [['commit', 'abort'], ['commit']], dataBytes: 64 }),
];
export const eventRings = [...single, ...coming];
