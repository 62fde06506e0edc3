import { joinThread, model, type Options } from '@millrace/interleave';
import {
  type EventRingHandle,
  EventRingProducer,
  type EventRingReader,
  FULL,
  freePlace,
  openEventRing,
  park,
  RecordLookup,
  RingError,
  ringEnd,
  wakeRing,
} from 'native-free-rings';
import { expect, expectSame } from '../support/attached.ts';
import { consume, fill, PRODUCER_OWNER, pass, type Shape, type Shared, START, setup, VOID } from '../support/rings.ts';

/**
 * Shared ring: what each producer has committed is seen, once and in its order; what was given up, skipped, or left by a producer
 * that has died is void, and nothing else is; nothing waits for a dead one after its place was freed (deadlock check). Nobody
 * stores a word of several threads: each says what it takes it to be (owners).
 */
/** What a producer of a shared ring does with its claims, in turn. */
type Script = readonly ('commit' | 'abort' | 'skip')[];

/**
 * Claims, fills and settles once for each entry. Ends early when the ring was closed. Returns what was committed; numbers
 * are 100 apart from producer to producer.
 */
function produceShared(
  ring: EventRingProducer,
  first: number,
  script: Script,
  bytes: number,
  note: (committed: number) => void = () => {},
): number[] {
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
    note(committed.length);
    ring.publish();
  }
  return committed;
}

interface Case extends Shape {
  readonly scripts: readonly [Script, Script];
  readonly options?: Options;
  readonly long?: Options;
}

interface ClosedCase extends Case {
  /** The second producer closes the ring when it is done, whatever the first one is at; else when both are. */
  readonly closesEarly?: boolean;
}

const recordsOf = (seen: readonly number[], first: number): number[] =>
  seen.filter((value) => value >= first && value < first + 100);

const bytesOf = (shape: Shape): number => (shape.dataBytes === undefined ? 0 : 16);

function sharedRing(name: string, { scripts, closesEarly = false, options, long, ...shape }: ClosedCase) {
  const bytes = bytesOf(shape);
  return model<Shared>({
    name,
    setup: () => setup({ producers: 2, ...shape }),
    threads: {
      first: ({ producers }) => produceShared(producers[0]!(), 100, scripts[0], bytes),
      second({ producers, handle, flag }) {
        const ring = producers[1]!();
        const committed = produceShared(ring, 200, scripts[1], bytes);
        if (!closesEarly) joinThread('first');
        flag[0] = ring.close() - START;
        wakeRing(handle);
        return committed;
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after({ flag }, { results }) {
      const seen = results.reader as number[];
      expectSame('records of the first producer', recordsOf(seen, 100), results.first as number[]);
      expectSame('records of the second producer', recordsOf(seen, 200), results.second as number[]);
      const late = seen.slice(flag[0]).filter((value) => value !== VOID);
      expect(late.length === 0, `records ${late} lie behind the end that close() said`);
    },
    options: options ?? { preemptions: 2 },
    long: long ?? { preemptions: 3 },
  });
}

/** Frees the place of the first producer, as who learned of its death. */
const freeFirst = (handle: EventRingHandle): void =>
  freePlace(handle, { role: 'producer', index: 0, owner: PRODUCER_OWNER, task: 0 });

const produceNoting = ({ producers, flag }: Shared, script: Script, bytes: number): number[] =>
  produceShared(producers[0]!(), 100, script, bytes, (committed) => {
    flag[1] = committed;
  });

/** What the first one has committed is there, and of what it was at when it died no more than a beginning. */
function expectSeen(
  { handle, flag }: Shared,
  seen: readonly number[],
  second: readonly number[],
  script: Script,
): void {
  const all = [...seen, ...restOf(handle, START + seen.length)];
  const commits = script.flatMap((how, i) => (how === 'commit' ? [100 + i] : []));
  const first = recordsOf(all, 100);
  expectSame('records of the one that died', first, commits.slice(0, first.length));
  expect(first.length >= flag[1]!, `${flag[1]} records were committed, ${first.length} are there`);
  expectSame('records of the other one', recordsOf(all, 200), second);
}

/** What is in the ring from a sequence on, which the reader has not come to. */
function restOf(handle: EventRingHandle, from: number): number[] {
  const ring = openEventRing(handle);
  const records = new RecordLookup(ring);
  const rest: number[] = [];
  for (let s = from; s < ringEnd(ring).peek(); s++) {
    rest.push(records.isVoid(s) ? VOID : ring.memory.i32[records.offsetOf(s) >> 2]!);
  }
  return rest;
}

/** Reads until it has seen `count` records of the second producer: nobody closes the ring, or looks at it again, before. */
const consumeSecond = (ring: EventRingReader, count: number): number[] => {
  const seen: number[] = [];
  while (recordsOf(seen, 200).length < count) seen.push(...consume(ring, 1));
  return seen;
};

/** The first producer dies at any step, and the host learns of it. */
function death(name: string, { scripts, options, long, ...shape }: Case) {
  const bytes = bytesOf(shape);
  const count = scripts[1].filter((how) => how === 'commit').length;
  return model<Shared>({
    name,
    setup: () => setup({ producers: 2, ...shape }, [['first', 'host'], ['second']], ['host']),
    threads: {
      first: (shared) => produceNoting(shared, scripts[0], bytes),
      second: ({ producers }) => produceShared(producers[1]!(), 200, scripts[1], bytes),
      host({ handle }) {
        if (joinThread('first') === 'died') freeFirst(handle);
      },
      reader: ({ readers }) => consumeSecond(readers[0]!(), count),
    },
    after: (shared, { results }) =>
      expectSeen(shared, results.reader as number[], results.second as number[], scripts[0]),
    options: { deaths: { threads: ['first'] }, preemptions: 2, ...options },
    long: { preemptions: 3, ...long },
  });
}

/**
 * The first producer dies with a claim open, or ends without settling it; so is that of the second one, which goes away: a reader
 * sees that the sequence is void, whoever had it. `others`: who frees the place, and who comes into it.
 */
function orphan(
  name: string,
  others: Record<string, (shared: Shared) => void>,
  deaths: Options['deaths'] = { threads: ['first'] },
) {
  const names = Object.keys(others);
  return model<Shared>({
    name,
    setup: () => setup({ producers: 2, capacity: 1 }, [['first', ...names], ['second']], names),
    threads: {
      first: ({ producers }) => void producers[0]!().tryClaim(),
      second({ producers }) {
        const ring = producers[1]!();
        if (ring.tryClaim() === FULL) return;
        ring.abort();
        ring.publish();
      },
      ...others,
      reader: ({ readers }) => consume(readers[0]!(), 1),
    },
    after: (_, { results }) => expectSame('reader', results.reader as number[], [VOID]),
    options: { deaths, preemptions: 2 },
    long: { preemptions: 4 },
  });
}

/** Takes the place that becomes free just now. */
function succeed(handle: EventRingHandle): EventRingProducer {
  try {
    return new EventRingProducer(handle);
  } catch (error) {
    if (!(error instanceof RingError) || error.code !== 'NO_SLOT_LEFT') throw error;
  }
  joinThread('host');
  return new EventRingProducer(handle);
}

const deaths = [
  death('shared ring: a producer dies, and what it had claimed is void', { scripts: [['commit'], ['commit']] }),
  death('shared ring: a producer dies where two wait for one slot', {
    scripts: [['commit'], ['commit']],
    capacity: 1,
  }),
  death('shared ring: a producer dies between records and skips', {
    scripts: [['skip'], ['commit']],
    capacity: 4,
    skips: 4,
  }),
  death('shared ring: a producer dies, records of varying length', {
    scripts: [['commit'], ['commit']],
    dataBytes: 64,
  }),
  model<Shared>({
    name: 'shared ring: a producer dies, and its heir writes over its part of the data',
    setup: () => setup({ producers: 2, dataBytes: 64 }, [['first', 'host', 'heir'], ['second']], ['host']),
    threads: {
      first: (shared) => produceNoting(shared, ['commit'], 16),
      host({ handle }) {
        if (joinThread('first') === 'died') freeFirst(handle);
      },
      heir({ handle }) {
        const committed =
          joinThread('first') === 'died' ? produceShared(succeed(handle), 300, ['commit', 'commit'], 16) : [];
        joinThread('host');
        return committed;
      },
      second({ producers, handle }) {
        joinThread('heir');
        producers[1]!().close();
        wakeRing(handle);
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after(shared, { results }) {
      const seen = results.reader as number[];
      expectSeen(shared, seen, [], ['commit']);
      expectSame('records of the heir', recordsOf(seen, 300), results.heir as number[]);
    },
    options: { deaths: { threads: ['first'] }, preemptions: 2 },
    long: { preemptions: 3 },
  }),
  orphan('shared ring: a producer dies, and another one has intended the same and goes away', {
    host({ handle }) {
      joinThread('first');
      freeFirst(handle);
    },
  }),
  orphan('shared ring: a producer dies, and another one comes into its place', {
    host({ handle }) {
      joinThread('first');
      freeFirst(handle);
    },
    heir({ handle }) {
      joinThread('first');
      succeed(handle);
    },
  }),
  orphan(
    'shared ring: a producer dies, and so does who frees its place',
    {
      freer({ handle }) {
        joinThread('first');
        freeFirst(handle);
      },
      host({ handle }) {
        if (joinThread('freer') === 'died') freeFirst(handle);
      },
    },
    { threads: ['first', 'freer'], atMost: 2 },
  ),
  model<Shared>({
    name: 'shared ring: two producers die',
    setup: () => setup({ producers: 3, capacity: 4 }, [['first', 'third'], ['second', 'third'], ['third']], ['third']),
    threads: {
      first: ({ producers }) => produceShared(producers[0]!(), 100, ['commit'], 0),
      second: ({ producers }) => produceShared(producers[1]!(), 200, ['commit'], 0),
      third({ producers, handle }) {
        for (const [index, name] of ['first', 'second'].entries()) {
          const place = { role: 'producer', index, owner: PRODUCER_OWNER + index, task: 0 } as const;
          if (joinThread(name) === 'died') freePlace(handle, place);
        }
        producers[2]!().close();
        wakeRing(handle);
      },
      reader: ({ readers }) => consume(readers[0]!()),
    },
    after(_, { results, dead }) {
      const seen = results.reader as number[];
      for (const [name, first] of [
        ['first', 100],
        ['second', 200],
      ] as const) {
        if (!dead.includes(name)) expectSame(name, recordsOf(seen, first), results[name] as number[]);
      }
    },
    options: { deaths: { threads: ['first', 'second'], atMost: 2 }, preemptions: 1 },
    long: { preemptions: 2 },
  }),
];

export const sharedRings = [
  ...deaths,
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
  sharedRing('shared ring: skips that wait for slots', {
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
