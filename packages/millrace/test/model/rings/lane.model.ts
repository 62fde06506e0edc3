import { joinThread, model, type Options } from '@millrace/interleave';
import { createLane, LANE_ENTRY, LaneConsumer, LaneProducer, park } from 'native-free-rings';
import { attached, expect, expectSame } from '../support/attached.ts';
import { ownLane } from '../support/owners.ts';

/**
 * Lane: every published record arrives once, in order and whole; nothing else is seen; memory and entries are not written over
 * before they are released (race check); both sides sleep and none sleeps on (deadlock check). A lane of 64 bytes holds two
 * payloads of 32, or three records of any size, so nearly every claim meets a wrap or the other side.
 */
interface Shape {
  /** Where the bytes start, a multiple of 8. */
  readonly start?: number;
  /** So many records without payload have passed through: the first one of the threads has position start + passed. */
  readonly passed?: number;
  readonly capacityBytes?: number;
  readonly records?: number;
}

function setup({ start = BELOW_WRAP, passed = 31, capacityBytes = 64, records = 4 }: Shape, ...heirs: Heir[]) {
  const handle = createLane({ capacityBytes, records, start });
  const [producer, consumer] = [new LaneProducer(handle), new LaneConsumer(handle)];
  for (let i = 0; i < passed; i++) {
    producer.tryClaim(0);
    producer.commit(0, 0, 0, 0);
    producer.publish();
    consumer.next();
    consumer.release();
  }
  ownLane(handle, ['producer', ...heirs], ['consumer', ...heirs]);
  return { handle, first: producer.peekTail(), producer: attached(producer), consumer: attached(consumer) };
}
type Shared = ReturnType<typeof setup>;
type Heir = 'heir';

const BELOW_WRAP = 2 ** 31 - 32;

/** One item of the producer's list: a record of so many bytes. */
interface Write {
  readonly bytes: number;
  /** So many bytes are claimed and filled first; then the claim grows to `bytes`. */
  readonly from?: number;
  /** Aborted after it was filled. */
  readonly abort?: boolean;
  /** Committed, and taken back with all that is not shown yet. */
  readonly takeBack?: boolean;
  /** Committed, and shown with a later record. */
  readonly later?: boolean;
}

const payload = (sequence: number, word: number): number => 1000 * (sequence + 1) + word;

function write(lane: LaneProducer, at: number, sequence: number, begin: number, end: number): void {
  for (let word = begin >> 2; word < end >> 2; word++) lane.memory.i32[(at >> 2) + word] = payload(sequence, word);
}

/** Claims room for a record and fills it; -1 when there is none. */
function fill(lane: LaneProducer, sequence: number, { bytes, from = bytes }: Write): number {
  let at = lane.tryClaim(from);
  if (at < 0) return at;
  write(lane, at, sequence, 0, from);
  if (from === bytes) return at;
  at = lane.growClaim(from, bytes - from);
  if (at < 0) lane.abort();
  else write(lane, at, sequence, from, bytes);
  return at;
}

/** Writes the records from number `sequence` on; the aborted ones and those that are taken back have no number. */
function produce(lane: LaneProducer, writes: readonly Write[], sequence = 0): void {
  let shown = sequence;
  for (const one of writes) {
    const { bytes, abort = false, takeBack = false, later = false } = one;
    if (fill(lane, sequence, one) < 0) {
      lane.waitForRoom(bytes, park());
      shown = sequence;
      expect(fill(lane, sequence, one) >= 0, `no room for ${bytes} bytes after waiting for it`);
    }
    if (abort) lane.abort();
    else lane.commit(bytes, sequence++, 1, 2);
    if (takeBack) {
      lane.rollback();
      sequence = shown;
    }
    if (abort || later || takeBack) continue;
    lane.publish();
    shown = sequence;
    lane.wakeConsumer();
  }
}

/**
 * Writes the records from number `sequence` on, with their entries, as many as it may at a time; the lane commits them at once.
 * What takes the last of the room, or of the entries, is committed by a call.
 */
function produceEntries(lane: LaneProducer, sizes: readonly number[], sequence = 0): void {
  const { shift, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits } = LANE_ENTRY;
  for (let next = sequence; next < sizes.length; ) {
    let at = lane.tryClaim(sizes[next]!);
    if (at < 0) {
      lane.waitForRoom(sizes[next]!, park());
      at = lane.tryClaim(sizes[next]!);
    }
    const room = lane.peekEntryRoom();
    let bytes = 0;
    let records = 0;
    for (; next < sizes.length && records < room && at + bytes + sizes[next]! < lane.claimEnd; next++) {
      write(lane, at + bytes, next, 0, sizes[next]!);
      const entry = lane.peekEntry() + (records++ << shift);
      lane.index[entry + SEQUENCE] = next;
      lane.index[entry + BEGIN] = lane.peekBegin() + bytes;
      lane.index[entry + SIZE] = (sizes[next]! << flagBits) | 2;
      lane.index[entry + COUNT] = 1;
      bytes += sizes[next]!;
    }
    if (records > 0) at = lane.commitEntries(records, bytes);
    if (next < sizes.length && at + sizes[next]! <= lane.claimEnd) {
      write(lane, at, next, 0, sizes[next]!);
      lane.commit(sizes[next]!, next, 1, 2);
      next++;
    } else lane.abort();
    lane.publish();
    lane.wakeConsumer();
  }
}

/** Checks the current record and returns its sequence. */
function read(lane: LaneConsumer): number {
  const { sequence, offset, length } = lane;
  expect(lane.count === 1 && lane.flags === 2, `record ${sequence} has count ${lane.count}, flags ${lane.flags}`);
  for (let word = 0; word < length >> 2; word++) {
    const got = lane.memory.i32[(offset >> 2) + word];
    expect(got === payload(sequence, word), `record ${sequence} has ${got} at ${word}`);
  }
  return sequence;
}

interface Reads {
  /** Records between two releases. Default 1. */
  readonly perRelease?: number;
  /** The current record is not released with those in front of it. */
  readonly keeps?: boolean;
}

function consume(lane: LaneConsumer, records: number, { perRelease = 1, keeps = false }: Reads = {}): number[] {
  const seen: number[] = [];
  while (seen.length < records) {
    while (!lane.next()) lane.waitForRecord(park());
    seen.push(read(lane));
    if (seen.length % perRelease > 0) continue;
    if (keeps) lane.releaseTo((lane.peekPosition() - 1) | 0);
    else lane.release();
    lane.wakeProducer();
    if (keeps) read(lane);
  }
  lane.release();
  return seen;
}

interface Case extends Shape, Reads {
  readonly options?: Options;
  readonly long?: Options;
  readonly longOnly?: boolean;
}

const numbersTo = (end: number): number[] => Array.from({ length: end }, (_, i) => i);

function lane(name: string, writes: readonly Write[], { options, long, longOnly, ...shape }: Case = {}) {
  const records = writes.filter(({ abort, later, takeBack }, i) => {
    const isTakenBack = takeBack || (later && writes.slice(i).find((next) => !next.later && !next.abort)?.takeBack);
    return !abort && !isTakenBack;
  }).length;
  return model<Shared>({
    name,
    setup: () => setup(shape),
    threads: {
      producer: ({ producer }) => produce(producer(), writes),
      consumer: ({ consumer }) => consume(consumer(), records, shape),
    },
    after({ handle }, { results }) {
      expectSame('records', results.consumer as number[], numbersTo(records));
      expect(!new LaneConsumer(handle, { takeOver: true }).next(), 'a record is left over');
    },
    options,
    long,
    longOnly,
  });
}

const record = (bytes: number, rest: Omit<Write, 'bytes'> = {}): Write => ({ bytes, ...rest });
const recordsOf = (...sizes: number[]): Write[] => sizes.map((bytes) => record(bytes));

/** Payloads of which four fill a lane of 64 bytes, which holds three records. */
const FOUR_TO_A_LANE = recordsOf(16, 16, 16, 16, 16);

/** Entries of the producer's own, in a lane of 64 bytes that holds three records: now the entries run out, and now the bytes do. */
const OWN_SIZES = [8, 8, 8, 24, 8, 8];
const OWN_ENTRIES: Shape = { start: 2 ** 31 - 56, passed: 27 };

/** Complete in a long run only. */
const IN_SHORT = { options: { preemptions: 4 }, long: { preemptions: undefined } };

/** A case in which the consumer never gives room back but when it sleeps. */
const ONLY_ASLEEP = 100;

export const lanes = [
  lane('lane: one record at a time, wrap at 2^31', recordsOf(32, 32, 32)),
  lane('lane: room for two records', recordsOf(24, 24, 24), { start: 2 ** 32 - 24, passed: 22 }),
  lane('lane: a rest of 8 bytes before the wrap', recordsOf(16, 32, 24), { start: 2 ** 31 - 8, passed: 7 }),
  lane(
    'lane: entries run out before the bytes',
    [record(8, { later: true }), record(0), record(8, { later: true }), record(8), record(0)],
    { start: 2 ** 31 - 16, passed: 14, ...IN_SHORT },
  ),
  lane('lane: one record in the way', recordsOf(32, 32), { start: 2 ** 31 - 56, passed: 54 }),
  lane('lane: bytes run out, and records without any go on', recordsOf(32, 32, 0, 32), {
    start: 2 ** 32 - 64,
    passed: 61,
  }),
  lane('lane: abort', [record(32), record(8, { abort: true }), record(32, { abort: true }), record(16)]),
  lane(
    'lane: two records in one publish',
    [record(8, { later: true }), record(8), record(0, { later: true }), record(8)],
    { passed: 30 },
  ),
  lane('lane: taken back', [
    record(16),
    record(8, { later: true }),
    record(32, { takeBack: true }),
    record(16),
    record(32),
  ]),
  lane('lane: a claim grows, behind the wrap', [record(16), record(32, { from: 8 }), record(16)], {
    start: 2 ** 31 - 32,
  }),
  lane('lane: a claim grows when room comes back', [record(32), record(16), record(32, { from: 8 })]),
  lane('lane: two records in one release', recordsOf(24, 24, 24, 24, 24), {
    start: 2 ** 31 - 64,
    passed: 62,
    perRelease: 2,
    options: { preemptions: 4 },
    long: { preemptions: 6 },
  }),
  lane('lane: the current record is kept', recordsOf(24, 24, 24, 24), {
    start: 2 ** 31 - 24,
    passed: 23,
    keeps: true,
    ...IN_SHORT,
  }),
  lane('lane: room comes back when the consumer sleeps', recordsOf(32, 32, 32), { perRelease: ONLY_ASLEEP }),
  lane('lane: spurious wake-ups', recordsOf(32, 32), { options: { spuriousWakes: 1 } }),
  lane('lane: four records', recordsOf(24, 24, 24, 24), { start: 2 ** 32 - 24, passed: 22, longOnly: true }),
  lane('lane: six records', recordsOf(8, 32, 0, 24, 32, 8), { options: { preemptions: 5 }, longOnly: true }),

  model<Shared>({
    name: 'lane: both ends on event loops',
    setup: () => setup({}),
    threads: {
      async producer({ producer }) {
        const own = producer();
        for (let sequence = 0; sequence < 2; sequence++) {
          let at = own.tryClaim(32);
          while (at < 0) {
            await own.waitForRoomAsync(32);
            at = own.tryClaim(32);
          }
          write(own, at, sequence, 0, 32);
          own.commit(32, sequence, 1, 2);
          own.publish();
          own.wakeConsumer();
        }
      },
      async consumer({ consumer }) {
        const own = consumer();
        const seen: number[] = [];
        while (seen.length < 2) {
          while (!own.next()) await own.waitForRecordAsync();
          seen.push(read(own));
        }
        return seen;
      },
    },
    after: (_, { results }) => expectSame('records', results.consumer as number[], [0, 1]),
  }),

  model<Shared>({
    name: 'lane: the producer dies at any step; nothing torn or unpublished is seen',
    setup: () => setup({}),
    threads: {
      producer: ({ producer }) => produce(producer(), [record(8, { later: true }), record(8)]),
      consumer({ consumer }) {
        const own = consumer();
        const seen: number[] = [];
        const drain = () => {
          while (own.next()) seen.push(read(own));
        };
        drain();
        const died = joinThread('producer') === 'died';
        drain();
        expect(died || seen.length === 2, `${seen.length} records of a producer that finished`);
        return seen;
      },
    },
    after(_, { results }) {
      const seen = results.consumer as number[];
      expect(seen.length === 0 || seen.length === 2, `half a batch is seen: ${seen.join(', ')}`);
      expectSame('records', seen, [0, 1].slice(0, seen.length));
    },
    options: { deaths: { threads: ['producer'] } },
  }),

  model<Shared>({
    name: 'lane: as much as it holds is taken back',
    setup: () => setup({}),
    threads: {
      producer({ producer }) {
        const own = producer();
        for (let sequence = 0; fill(own, sequence, record(16)) >= 0; sequence++) own.commit(16, sequence, 1, 2);
        own.rollback();
        produce(own, recordsOf(32, 16));
      },
      consumer: ({ consumer }) => consume(consumer(), 2),
    },
    after: (_, { results }) => expectSame('records', results.consumer as number[], [0, 1]),
  }),

  ...[
    {
      name: 'lane: a sleeping producer is woken for a quarter of the bytes, not for each record',
      shape: { start: 2 ** 31 - 128, passed: 120, capacityBytes: 256, records: 32 },
      bytes: 16,
      records: 16,
      leastWoken: 3,
    },
    {
      name: 'lane: a sleeping producer is woken for an eighth of the entries, not for each record',
      shape: { start: 2 ** 31 - 128, passed: 120, records: 32 },
      bytes: 0,
      records: 31,
      leastWoken: 3,
    },
  ].map(({ name, shape, bytes, records, leastWoken }) =>
    model<Shared>({
      name,
      setup: () => setup(shape),
      threads: {
        producer({ producer }) {
          const own = producer();
          for (let sequence = 0; sequence < records; sequence++) {
            write(own, own.tryClaim(bytes), sequence, 0, bytes);
            own.commit(bytes, sequence, 1, 2);
          }
          own.waitForRoom(bytes, park());
          return own.loadUsed();
        },
        consumer({ consumer }) {
          const own = consumer();
          const woken: number[] = [];
          for (let i = 0; i < 5; i++) {
            while (!own.next()) own.waitForRecord(park());
            read(own);
            own.release();
            if (own.wakeProducer()) woken.push(i);
          }
          return woken;
        },
      },
      after: (_, { results }) => {
        const woken = results.consumer as number[];
        expect(woken.length <= 1 && (woken[0] ?? 3) >= leastWoken, `woken at records ${woken.join(', ')}`);
      },
    }),
  ),

  model<Shared>({
    name: 'lane: the producer dies at any step, and its successor goes on',
    setup: () => setup({ passed: 30 }, 'heir'),
    threads: {
      producer: ({ producer }) => produce(producer(), FOUR_TO_A_LANE),
      consumer: ({ consumer }) => consume(consumer(), FOUR_TO_A_LANE.length),
      heir({ handle, first }) {
        if (joinThread('producer') !== 'died') return;
        const own = new LaneProducer(handle, { takeOver: true });
        const shown = (own.peekTail() - first) | 0;
        produce(own, FOUR_TO_A_LANE.slice(shown), shown);
      },
    },
    after: (_, { results }) => expectSame('records', results.consumer as number[], numbersTo(FOUR_TO_A_LANE.length)),
    options: { preemptions: 2, deaths: { threads: ['producer'] } },
    long: { preemptions: 3 },
  }),

  model<Shared>({
    name: 'lane: entries of the producer’s own, at the wraps of bytes and entries',
    setup: () => setup(OWN_ENTRIES),
    threads: {
      producer: ({ producer }) => produceEntries(producer(), OWN_SIZES),
      consumer: ({ consumer }) => consume(consumer(), OWN_SIZES.length, { perRelease: 2 }),
    },
    after: (_, { results }) => expectSame('records', results.consumer as number[], numbersTo(OWN_SIZES.length)),
    options: { preemptions: 3 },
    long: { preemptions: 5 },
  }),

  model<Shared>({
    name: 'lane: the producer dies at any step among entries of its own, and its successor goes on',
    setup: () => setup(OWN_ENTRIES, 'heir'),
    threads: {
      producer: ({ producer }) => produceEntries(producer(), OWN_SIZES),
      consumer: ({ consumer }) => consume(consumer(), OWN_SIZES.length),
      heir({ handle, first }) {
        if (joinThread('producer') !== 'died') return;
        const own = new LaneProducer(handle, { takeOver: true });
        produceEntries(own, OWN_SIZES, (own.peekTail() - first) | 0);
      },
    },
    after: (_, { results }) => expectSame('records', results.consumer as number[], numbersTo(OWN_SIZES.length)),
    options: { preemptions: 2, deaths: { threads: ['producer'] } },
    long: { preemptions: 3 },
  }),

  model<Shared>({
    name: 'lane: the consumer dies at any step, and its successor reads again what was not released',
    setup: () => setup({ passed: 30 }, 'heir'),
    threads: {
      producer: ({ producer }) => produce(producer(), FOUR_TO_A_LANE),
      consumer: ({ consumer }) => consume(consumer(), FOUR_TO_A_LANE.length, { perRelease: 2 }),
      heir({ handle, first }) {
        if (joinThread('consumer') !== 'died') return;
        const own = new LaneConsumer(handle, { takeOver: true });
        const released = (own.peekReleased() - first) | 0;
        const seen = consume(own, FOUR_TO_A_LANE.length - released);
        expectSame('records', seen, numbersTo(FOUR_TO_A_LANE.length).slice(released));
      },
    },
    options: { preemptions: 2, deaths: { threads: ['consumer'] } },
    long: { preemptions: 3 },
  }),
];
