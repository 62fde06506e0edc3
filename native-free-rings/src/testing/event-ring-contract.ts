import { strict as assert } from 'node:assert';
import type { EventRingOptions } from '../event-ring/event-ring-descriptor.ts';
import type { EventRingProducer } from '../event-ring/event-ring-producer.ts';
import type { EventRingReader } from '../event-ring/event-ring-reader.ts';
import type { RecordLookup } from '../event-ring/record-lookup.ts';
import { type Bytes, type ContractCase, expectCode, forEach, STARTS } from './contract.ts';
import { claimNext, fillUp, put, type RingDriver, readOne, runRandomly, turn } from './event-ring-driver.ts';
import { rangeCases } from './event-ring-range-cases.ts';

/** What `eventRingContract` asks of a producer; see `EventRingProducer` for the meaning. */
export type EventRingProducerUnderTest = Pick<
  EventRingProducer,
  | 'abort'
  | 'claimEnd'
  | 'claimOffset'
  | 'close'
  | 'claimLength'
  | 'commit'
  | 'commitFirst'
  | 'detach'
  | 'loadFree'
  | 'loadUsed'
  | 'maxRecordBytes'
  | 'offsetOf'
  | 'publish'
  | 'tryClaim'
  | 'tryClaimBytes'
  | 'tryClaimSome'
  | 'trySkip'
  | 'waitForRoomAsync'
  | 'waitToSkipAsync'
> & { readonly memory: Bytes };

/** What `eventRingContract` asks of a reader; see `EventRingReader` for the meaning. */
export type EventRingReaderUnderTest = Pick<
  EventRingReader,
  'detach' | 'isClosedAt' | 'loadEnd' | 'peekNext' | 'release' | 'waitForAsync'
> & {
  readonly memory: Bytes;
  readonly records: Pick<RecordLookup, 'isVoid' | 'lengthOf' | 'mayBeVoid' | 'nextRecord' | 'offsetOf'>;
};

export interface EventRingUnderTest {
  attachProducer(): EventRingProducerUnderTest;
  attachReader(): EventRingReaderUnderTest;
}

export type EventRingConfiguration = Required<EventRingOptions>;

/** One record, two, an odd number that gets rounded to the power of two given here, many. */
const CAPACITIES = [
  [1, 1],
  [2, 2],
  [5, 8],
  [1024, 1024],
] as const;
const SLOT_BYTES = 12;
/** Ranges that may be skipped: none, or few, so that they run out before the slots do. */
const LAYOUTS = [
  { producers: 1, variable: false, slotBytes: 0, skips: 0 },
  { producers: 1, variable: false, slotBytes: SLOT_BYTES, skips: 3 },
  { producers: 1, variable: true, slotBytes: 0, skips: 0 },
  { producers: 1, variable: true, slotBytes: 0, skips: 4 },
  { producers: 3, variable: false, slotBytes: SLOT_BYTES, skips: 0 },
  { producers: 3, variable: false, slotBytes: SLOT_BYTES, skips: 4 },
  { producers: 3, variable: true, slotBytes: 0, skips: 4 },
];

function configurations(): EventRingConfiguration[] {
  return CAPACITIES.flatMap(([capacity, rounded]) =>
    LAYOUTS.flatMap(({ producers, variable, slotBytes, skips }) =>
      STARTS.map((start) => {
        const dataBytes = variable ? Math.max(64, rounded * 32) : 0;
        return { capacity, slotBytes, dataBytes, readers: 3, producers, skips: Math.min(skips, capacity), start };
      }),
    ),
  );
}

const roundedCapacity = (capacity: number): number => CAPACITIES.find(([asked]) => asked === capacity)?.[1] ?? capacity;

/**
 * What every event ring does, whatever its implementation and layout: sequences without gap, content, visibility at
 * `publish` and not before, gating by the slowest reader, readers that join and leave, closing. `setup` makes an empty ring
 * whose handles are all used in this thread.
 */
export function eventRingContract(
  setup: (configuration: EventRingConfiguration) => EventRingUnderTest,
): ContractCase[] {
  const all = configurations();
  const open = (configuration: EventRingConfiguration): RingDriver => {
    const ring = setup(configuration);
    return {
      ...configuration,
      capacity: roundedCapacity(configuration.capacity),
      ring,
      producer: ring.attachProducer(),
      reader: ring.attachReader(),
    };
  };
  const ring = (
    name: string,
    check: (driver: RingDriver) => void | Promise<void>,
    only: (configuration: EventRingConfiguration) => boolean = () => true,
  ) => forEach(name, all.filter(only), (configuration) => check(open(configuration)));
  const single = ({ producers }: EventRingConfiguration) => producers === 1;
  const shared = ({ producers }: EventRingConfiguration) => producers > 1;
  const fixed = ({ dataBytes }: EventRingConfiguration) => dataBytes === 0;
  const variable = ({ dataBytes }: EventRingConfiguration) => dataBytes > 0;

  return [
    ring('a ring starts empty, at its start', ({ reader, producer, start, capacity }) => {
      assert.equal(reader.peekNext(), start);
      assert.equal(reader.loadEnd(), start);
      assert.equal(producer.loadFree(), capacity);
      assert.equal(producer.loadUsed(), 0);
      assert.equal(reader.isClosedAt(start), false);
    }),

    ring('a record is seen after publish and not before', (driver) => {
      const { reader, producer, start } = driver;
      for (let s = start; s < start + 100; s++) {
        assert.equal(claimNext(driver, producer, s), s);
        assert.equal(producer.publish(), 0);
        assert.equal(reader.loadEnd(), s, 'a claim was seen');
        producer.abort();
        if (driver.producers === 1) assert.equal(put(driver, producer, s), s);
        else assert.equal(producer.publish(), 1);
        assert.equal(reader.loadEnd(), driver.producers === 1 ? s : s + 1);
        if (driver.producers === 1) assert.equal(producer.publish(), 1);
        assert.equal(reader.loadEnd(), s + 1);
        assert.equal(reader.records.isVoid(s), driver.producers > 1);
        if (driver.producers === 1) readOne(driver, reader, s);
        reader.release(s + 1);
      }
    }),

    ring('one publish shows all that was committed; a full ring takes no more', (driver) => {
      const { reader, producer, start, capacity } = driver;
      for (let begin = start; begin < start + 3 * capacity; begin += capacity) {
        assert.equal(fillUp(driver, producer, begin), capacity);
        assert.equal(producer.loadFree(), 0);
        assert.equal(producer.loadUsed(), capacity);
        assert.equal(producer.publish(), capacity);
        assert.equal(reader.loadEnd(), begin + capacity);
        for (let s = begin; s < begin + capacity; s++) readOne(driver, reader, s);
        reader.release(begin + capacity);
      }
    }),

    ring('the slowest reader keeps its records', (driver) => {
      const { producer, reader, ring: rings, start, capacity } = driver;
      const slow = rings.attachReader();
      fillUp(driver, producer, start);
      producer.publish();
      reader.loadEnd();
      reader.release(start + capacity);
      assert.equal(claimNext(driver, producer, start + capacity), -1, 'claimed over an unread record');
      for (let s = start; s < start + capacity; s++) {
        assert.equal(slow.loadEnd(), start + capacity);
        readOne(driver, slow, s);
        slow.release(s + 1);
        assert.equal(put(driver, producer, s + capacity), s + capacity, 'no room after release');
        assert.equal(claimNext(driver, producer, s + capacity + 1), -1, 'released more than it was given');
      }
    }),

    ring('a reader that leaves holds nothing back', (driver) => {
      const { producer, reader, ring: rings, start, capacity } = driver;
      const leaving = rings.attachReader();
      fillUp(driver, producer, start);
      producer.publish();
      reader.loadEnd();
      reader.release(start + capacity);
      assert.equal(claimNext(driver, producer, start + capacity), -1);
      leaving.detach();
      leaving.detach();
      assert.equal(put(driver, producer, start + capacity), start + capacity);
      expectCode('DETACHED', () => leaving.release(start + 1));
    }),

    ring('without readers a ring keeps its records for the one that joins', (driver) => {
      const { producer, reader, ring: rings, start, capacity } = driver;
      reader.detach();
      assert.equal(fillUp(driver, producer, start), capacity);
      producer.publish();
      const late = rings.attachReader();
      assert.equal(late.peekNext(), start);
      assert.equal(late.loadEnd(), start + capacity);
      for (let s = start; s < start + capacity; s++) readOne(driver, late, s);
      late.release(start + capacity);
      assert.equal(put(driver, producer, start + capacity), start + capacity);
      const later = rings.attachReader();
      assert.ok(later.peekNext() > start, 'joined at a record that may be written over');
      assert.ok(later.peekNext() <= start + capacity);
    }),

    ring('a producer that leaves publishes and makes place', (driver) => {
      const { producer, reader, ring: rings, start } = driver;
      assert.equal(put(driver, producer, start), start);
      producer.detach();
      producer.detach();
      assert.equal(reader.loadEnd(), start + 1);
      readOne(driver, reader, start);
      reader.release(start + 1);
      expectCode('DETACHED', () => producer.tryClaim());
      const next = rings.attachProducer();
      assert.equal(put(driver, next, start + 1), start + 1);
      assert.equal(next.publish(), 1);
      assert.equal(reader.loadEnd(), start + 2);
      readOne(driver, reader, start + 1);
    }),

    ring(
      'a claim of one producer holds back those after it until it is committed or aborted',
      (driver) => {
        const { producer, reader, ring: rings, start, capacity } = driver;
        if (capacity < 2) return;
        const other = rings.attachProducer();
        for (let s = start; s < start + 40; s += 2) {
          assert.equal(claimNext(driver, producer, s), s);
          assert.equal(put(driver, other, s + 1), s + 1);
          assert.equal(other.publish(), 0);
          assert.equal(reader.loadEnd(), s, 'an uncommitted record was seen');
          producer.abort();
          assert.equal(producer.publish(), 2);
          assert.equal(reader.loadEnd(), s + 2);
          assert.equal(reader.records.isVoid(s), true);
          assert.equal(reader.records.isVoid(s + 1), false);
          readOne(driver, reader, s + 1);
          reader.release(s + 2);
        }
      },
      shared,
    ),

    ring(
      'a claim may take many records at once',
      (driver) => {
        const { producer, reader, start, capacity } = driver;
        for (let s = start; s < start + 5 * capacity; s += capacity) {
          assert.equal(producer.tryClaim(capacity), s);
          producer.commit();
          assert.equal(producer.publish(), capacity);
          assert.equal(producer.tryClaim(capacity), -1);
          reader.loadEnd();
          reader.release(s + capacity);
        }
      },
      fixed,
    ),

    ring(
      'the largest record fits wherever the wrap falls, and a claim may be filled up to claimEnd',
      (driver) => {
        const { producer, reader, start } = driver;
        const { maxRecordBytes } = producer;
        for (let s = start; s < start + 200; s++) {
          const length = s % 2 === 0 ? maxRecordBytes : s % 30;
          assert.equal(put(driver, producer, s, length, s % 3 === 0), s);
          assert.equal(producer.publish(), 1);
          assert.equal(reader.loadEnd(), s + 1);
          readOne(driver, reader, s);
          reader.release(s + 1);
        }
      },
      variable,
    ),

    ring(
      'with one producer an aborted claim is given out again',
      (driver) => {
        const { producer, start } = driver;
        assert.equal(claimNext(driver, producer, start), start);
        producer.abort();
        assert.equal(claimNext(driver, producer, start), start);
      },
      single,
    ),

    ...rangeCases(ring),

    ring('misuse is refused and changes nothing', (driver) => {
      const { producer, reader, start } = driver;
      expectCode('NOTHING_CLAIMED', () => producer.commit());
      expectCode('NOTHING_CLAIMED', () => producer.abort());
      for (const count of [0, -1, Number.NaN, 2000]) expectCode('TOO_LARGE', () => producer.tryClaim(count));
      for (const bytes of [-1, Number.NaN, producer.maxRecordBytes + 1]) {
        expectCode('TOO_LARGE', () => producer.tryClaimBytes(bytes));
      }
      expectCode('NOT_PUBLISHED', () => reader.release(start + 1));
      assert.equal(claimNext(driver, producer, start), start);
      expectCode('ALREADY_CLAIMED', () => claimNext(driver, producer, start + 1));
      if (driver.dataBytes > 0) {
        expectCode('TOO_LARGE', () => producer.commit(producer.claimEnd - producer.claimOffset + 1));
        expectCode('TOO_LARGE', () => producer.commit(-1));
      }
      producer.commit();
      expectCode('NOTHING_CLAIMED', () => producer.commit());
      expectCode('NOTHING_CLAIMED', () => producer.abort());
      assert.equal(producer.publish(), 1);
      assert.equal(reader.loadEnd(), start + 1);
    }),

    ring('a closed ring says so after its last record', (driver) => {
      const { producer, reader, start } = driver;
      put(driver, producer, start);
      producer.close();
      assert.equal(reader.isClosedAt(start), false);
      assert.equal(reader.loadEnd(), start + 1);
      assert.equal(reader.isClosedAt(start + 1), true);
    }),

    ring(
      'a ring that is closed while claims are open ends after them',
      async (driver) => {
        const { producer, reader, ring: rings, start, capacity } = driver;
        if (capacity < 2) return;
        const other = rings.attachProducer();
        assert.equal(claimNext(driver, other, start), start);
        assert.equal(producer.close(), start + 1);
        assert.equal(claimNext(driver, producer, start + 1), -1, 'claimed in a closed ring');
        assert.equal(reader.isClosedAt(start), false);
        let woken = 0;
        const waiting = reader.waitForAsync(start).then(() => woken++);
        await turn();
        assert.equal(woken, 0);
        other.abort();
        assert.equal(other.publish(), 1);
        await waiting;
        assert.equal(reader.loadEnd(), start + 1);
        assert.equal(reader.isClosedAt(start + 1), true);
        await reader.waitForAsync(start + 1);
      },
      shared,
    ),

    ring('a reader that waits is woken by a record and by the end', async (driver) => {
      const { producer, reader, start } = driver;
      let woken = 0;
      const waiting = reader.waitForAsync(start).then(() => woken++);
      await turn();
      assert.equal(woken, 0);
      put(driver, producer, start);
      producer.publish();
      await waiting;
      assert.equal(reader.loadEnd(), start + 1);
      const atEnd = reader.waitForAsync(start + 1).then(() => woken++);
      await turn();
      assert.equal(woken, 1);
      producer.close();
      await atEnd;
    }),

    ring('a producer that waits is woken by the slowest reader, and by one that leaves', async (driver) => {
      const { producer, reader, ring: rings, start, capacity } = driver;
      const slow = rings.attachReader();
      fillUp(driver, producer, start);
      let woken = 0;
      const waiting = producer.waitForRoomAsync(1, 0).then(() => woken++);
      assert.equal(reader.loadEnd(), start + capacity, 'waiting did not publish');
      reader.release(start + capacity);
      await turn();
      assert.equal(woken, 0);
      slow.loadEnd();
      slow.release(start + capacity);
      await waiting;
      fillUp(driver, producer, start + capacity);
      const again = producer.waitForRoomAsync(1, 0).then(() => woken++);
      reader.loadEnd();
      reader.release(start + 2 * capacity);
      await turn();
      assert.equal(woken, 1);
      slow.detach();
      await again;
      assert.equal(put(driver, producer, start + 2 * capacity), start + 2 * capacity);
    }),

    forEach('random use agrees with a queue', all, (configuration) => {
      for (let seed = 1; seed <= 3; seed++) runRandomly(open(configuration), seed, 1_500);
    }),
  ];
}
