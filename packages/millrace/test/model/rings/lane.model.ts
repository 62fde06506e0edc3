import { joinThread, model, type Options } from '@millrace/interleave';
import { createLane, LaneConsumer, LaneProducer, park } from 'native-free-rings';
import { attached, expect, expectSame } from '../support/attached.ts';
import { ownLane } from '../support/owners.ts';

/**
 * Lane: every published record arrives once, in order and whole; nothing else is seen; memory is not written over before it
 * is released (race check); both sides sleep and none sleeps on (deadlock check). A lane of 64 bytes holds two records of
 * 16 bytes or one of 32 behind their headers, so nearly every claim meets the wrap or the other side.
 */
function setup(start: number, capacityBytes = 64) {
  const handle = createLane({ capacityBytes, start });
  const sides = { producer: attached(new LaneProducer(handle)), consumer: attached(new LaneConsumer(handle)) };
  ownLane(handle, 'producer', 'consumer');
  return { handle, ...sides };
}
type Shared = ReturnType<typeof setup>;

/** One item of the producer's list: a record of so many bytes. */
interface Write {
  readonly bytes: number;
  /** Aborted after it was filled. */
  readonly abort?: boolean;
  /** Committed, and shown with a later record. */
  readonly later?: boolean;
}

const payload = (sequence: number, word: number): number => 1000 * (sequence + 1) + word;

function write(lane: LaneProducer, at: number, sequence: number, bytes: number): void {
  for (let word = 0; word < bytes >> 2; word++) lane.memory.i32[(at >> 2) + word] = payload(sequence, word);
}

/** Writes the records; the aborted ones have no sequence. */
function produce(lane: LaneProducer, writes: readonly Write[]): void {
  let sequence = 0;
  for (const { bytes, abort = false, later = false } of writes) {
    let at = lane.tryClaim(bytes);
    if (at < 0) {
      lane.waitForRoom(bytes, park());
      at = lane.tryClaim(bytes);
      expect(at >= 0, `no room for ${bytes} bytes after waiting for it`);
    }
    write(lane, at, sequence, bytes);
    if (abort) lane.abort();
    else lane.commit(bytes, sequence++, 1, 2);
    if (abort || later) continue;
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

/** `perRelease`: records between two releases. */
function consume(lane: LaneConsumer, records: number, perRelease = 1): number[] {
  const seen: number[] = [];
  while (seen.length < records) {
    while (!lane.next()) lane.waitForRecord(park());
    seen.push(read(lane));
    if (seen.length % perRelease === 0) {
      lane.release();
      lane.wakeProducer();
    }
  }
  lane.release();
  return seen;
}

const BELOW_WRAP = 2 ** 31 - 32;

interface Case {
  readonly start?: number;
  readonly perRelease?: number;
  readonly options?: Options;
  readonly long?: Options;
  readonly longOnly?: boolean;
}

function lane(name: string, writes: readonly Write[], { start = BELOW_WRAP, perRelease, ...rest }: Case = {}) {
  const records = writes.filter(({ abort }) => !abort).length;
  const wanted = Array.from({ length: records }, (_, i) => i);
  return model<Shared>({
    name,
    setup: () => setup(start),
    threads: {
      producer: ({ producer }) => produce(producer(), writes),
      consumer: ({ consumer }) => consume(consumer(), records, perRelease),
    },
    after({ handle }, { results }) {
      expectSame('records', results.consumer as number[], wanted);
      expect(!new LaneConsumer(handle, { takeOver: true }).next(), 'a record is left over');
    },
    ...rest,
  });
}

const record = (bytes: number, rest: Omit<Write, 'bytes'> = {}): Write => ({ bytes, ...rest });

/** A case in which the consumer never gives room back but when it sleeps. */
const ONLY_ASLEEP = 100;

export const lanes = [
  lane(
    'lane: one record at a time, wrap at 2^31',
    [16, 16, 16].map((bytes) => record(bytes)),
  ),
  lane(
    'lane: room for two records',
    [8, 8, 8].map((bytes) => record(bytes)),
    { start: 2 ** 32 - 24 },
  ),
  lane(
    'lane: padding before the wrap',
    [0, 0, 16, 0].map((bytes) => record(bytes)),
    { start: 2 ** 31 - 48 },
  ),
  lane(
    'lane: a rest of 8 bytes before the wrap',
    [16, 8, 16].map((bytes) => record(bytes)),
    { start: 2 ** 31 - 8 },
  ),
  lane('lane: abort', [record(16), record(8, { abort: true }), record(16, { abort: true }), record(8)]),
  lane('lane: two records in one publish', [
    record(0, { later: true }),
    record(0),
    record(0, { later: true }),
    record(0),
  ]),
  lane(
    'lane: two records in one release',
    [0, 0, 0, 0, 0].map((bytes) => record(bytes)),
    {
      start: 2 ** 31 - 64,
      perRelease: 2,
      options: { preemptions: 4 },
      long: { preemptions: 6 },
    },
  ),
  lane(
    'lane: room comes back when the consumer sleeps',
    [16, 16, 16].map((bytes) => record(bytes)),
    {
      perRelease: ONLY_ASLEEP,
    },
  ),
  lane('lane: spurious wake-ups', [record(16), record(16)], { options: { spuriousWakes: 1 } }),
  lane(
    'lane: four records',
    [8, 8, 8, 8].map((bytes) => record(bytes)),
    { start: 2 ** 32 - 24, longOnly: true },
  ),
  lane(
    'lane: six records',
    [8, 16, 0, 8, 16, 8].map((bytes) => record(bytes)),
    {
      options: { preemptions: 5 },
      longOnly: true,
    },
  ),

  model<Shared>({
    name: 'lane: both ends on event loops',
    setup: () => setup(BELOW_WRAP),
    threads: {
      async producer({ producer }) {
        const own = producer();
        for (let sequence = 0; sequence < 2; sequence++) {
          let at = own.tryClaim(16);
          while (at < 0) {
            await own.waitForRoomAsync(16);
            at = own.tryClaim(16);
          }
          write(own, at, sequence, 16);
          own.commit(16, sequence, 1, 2);
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
    setup: () => setup(BELOW_WRAP),
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
    name: 'lane: a sleeping producer is woken for a quarter of the lane, not for each record',
    setup: () => setup(2 ** 31 - 128, 256),
    threads: {
      producer({ producer }) {
        const own = producer();
        for (let sequence = 0; sequence < 16; sequence++) {
          own.tryClaim(0);
          own.commit(0, sequence, 1, 2);
        }
        own.waitForRoom(0, park());
        return own.loadUsedBytes();
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
      expect(woken.length <= 1 && (woken[0] ?? 3) >= 3, `woken at records ${woken.join(', ')}`);
    },
  }),
];
