import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createEventRing, createLane, EventCount, type EventRingOptions, LINE_WORDS } from 'native-free-rings';
import { expect } from 'vitest';

export interface Scenario {
  readonly of: 'lane' | 'event ring';
  readonly name: string;
  /** One round with threads of its own; `scale` 1 takes some tenths of a second. */
  run(seed: number, scale: number): Promise<void>;
}

type Strategy = 'park' | 'spin' | 'adaptive';
const STRATEGIES: Strategy[] = ['park', 'spin', 'adaptive'];
const STARTS = [0, 2 ** 31 - 4096, 2 ** 32 - 4096];
/** Entries of lanes: so few that they run out before the bytes, or so many that they do not. */
const RECORDS = [4, 1024, 16, 64];

interface Thread<Result> {
  readonly worker: Worker;
  readonly ended: Promise<Result | undefined>;
  readonly ready: Promise<unknown>;
}

const WORKERS = {
  'lane-producer': new URL('./workers/lane-producer.mjs', import.meta.url),
  'lane-consumer': new URL('./workers/lane-consumer.mjs', import.meta.url),
  'ring-producer': new URL('./workers/ring-producer.mjs', import.meta.url),
  'ring-reader': new URL('./workers/ring-reader.mjs', import.meta.url),
};

/** Starts a thread. `ended` rejects with what it threw; else it gives what it reported last. */
function start<Result>(file: keyof typeof WORKERS, workerData: object): Thread<Result> {
  const worker = new Worker(WORKERS[file], { workerData });
  let result: Result | undefined;
  const ended = new Promise<Result | undefined>((resolve, reject) => {
    worker.on('message', (message: { result?: Result }) => {
      if (message.result !== undefined) result = message.result;
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(result));
  });
  const ready = Promise.race([once(worker, 'message'), ended]);
  ended.catch(() => {});
  ready.catch(() => {});
  return { worker, ended, ready };
}

/** All results; when one thread fails the others are ended, which would wait for it for ever. */
async function all<Result>(threads: Thread<Result>[]): Promise<(Result | undefined)[]> {
  try {
    return await Promise.all(threads.map((thread) => thread.ended));
  } finally {
    await Promise.all(threads.map((thread) => thread.worker.terminate()));
  }
}

const counter = (value = 0) => new Int32Array(new SharedArrayBuffer(4)).fill(value);
const pick = <T>(from: readonly T[], seed: number): T => from[seed % from.length]!;

function lane(strategy: Strategy, capacities: readonly number[], records: number): Scenario {
  return {
    of: 'lane',
    name: `1 → 1, ${strategy}, ${capacities.join(' or ')} bytes`,
    async run(seed, scale) {
      const handle = createLane({
        capacityBytes: pick(capacities, seed),
        records: pick(RECORDS, seed),
        align: pick([1, 8], seed >> 1),
        start: pick(STARTS, seed),
      });
      const shown = counter();
      const common = { handle, strategy, shown, stream: seed, seed };
      const consumer = start<{ total: number; streams: number }>('lane-consumer', common);
      const producer = start<{ total: number; streams: number }>('lane-producer', {
        ...common,
        records: records * scale,
      });
      const [read] = await all([consumer, producer]);
      expect(read).toEqual({ total: records * scale, streams: 1 });
    },
  };
}

const dyingProducers: Scenario = {
  of: 'lane',
  name: 'producers terminated in the middle, each followed by one that takes over',
  async run(seed, scale) {
    const handle = createLane({
      capacityBytes: pick([64, 256, 4096], seed),
      records: pick(RECORDS, seed),
      start: pick(STARTS, seed),
    });
    const shown = counter();
    const common = { handle, shown, strategy: pick(STRATEGIES, seed + 1), seed };
    const consumer = start<{ streams: number }>('lane-consumer', { ...common, stream: 0, reportEvery: 97 });
    const failed = consumer.ended.then(() => undefined);
    const lives = 3 * scale;
    for (let stream = 0; stream < lives; stream++) {
      const producer = start('lane-producer', { ...common, stream, takeOver: stream > 0 });
      // Until it produces, and the consumer has got some of it.
      for (let i = 0; i < 2; i++) await Promise.race([once(consumer.worker, 'message'), failed]);
      await producer.worker.terminate();
      // Everything published was seen before the next one says anew how much it shows.
      await drained(handle.buffer, failed);
    }
    const last = start<{ streams: number }>('lane-producer', {
      ...common,
      stream: lives,
      takeOver: true,
      records: 500,
    });
    const [read] = await all([consumer, last]);
    expect(read?.streams).toBe(lives + 1);
  },
};

const dyingConsumers: Scenario = {
  of: 'lane',
  name: 'consumers terminated in the middle, each followed by one that takes over',
  async run(seed, scale) {
    const handle = createLane({
      capacityBytes: pick([256, 64, 4096], seed),
      records: pick(RECORDS, seed),
      start: pick(STARTS, seed),
    });
    const common = { handle, shown: counter(), strategy: pick(STRATEGIES, seed + 1), stream: seed, seed };
    const records = 3_000 * scale;
    const producer = start('lane-producer', { ...common, records });
    const released = new Int32Array(new SharedArrayBuffer(8));
    for (let deaths = 0; deaths < 3 * scale; deaths++) {
      const reportEvery = 97;
      const consumer = start('lane-consumer', { ...common, released, reportEvery, takeOver: deaths > 0 });
      // Until it has got some of it, or all.
      await Promise.race([once(consumer.worker, 'message'), consumer.ended, producer.ended.then(() => consumer.ended)]);
      await consumer.worker.terminate();
      await consumer.ended;
      if (Atomics.load(released, 1) === records) break;
    }
    const isOver = Atomics.load(released, 1) === records;
    const heir = isOver ? [] : [start('lane-consumer', { ...common, released, takeOver: true })];
    await all<unknown>([...heir, producer]);
    expect(Atomics.load(released, 1)).toBe(records);
  },
};

/**
 * Until head and tail of a lane (lines 1 and 2) are the same: its consumer has nothing left. The consumer (line 4) is woken
 * meanwhile, as a producer that takes over would: the dead one may have published and not come to its wake-up.
 */
async function drained(buffer: SharedArrayBuffer, failed: Promise<void>): Promise<void> {
  const words = new Int32Array(buffer);
  const consumer = new EventCount(words, 4 * LINE_WORDS);
  let isOver = false;
  const stop = (): void => {
    isOver = true;
  };
  failed.then(stop, stop);
  while (!isOver && Atomics.load(words, LINE_WORDS) !== Atomics.load(words, 2 * LINE_WORDS)) {
    consumer.wakeAny();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface RingScenario {
  readonly name: string;
  readonly options: EventRingOptions;
  readonly strategy: Strategy;
  readonly records: number;
  /** Work after each record, one reader an entry. */
  readonly readers: readonly number[];
  /** Readers that come and go. */
  readonly visitors?: number;
  readonly aborts?: boolean;
}

function ring({ name, options, strategy, records, readers, visitors = 0, aborts = false }: RingScenario): Scenario {
  return {
    of: 'event ring',
    name: `${name}, ${strategy}`,
    async run(seed, scale) {
      const handle = createEventRing({ ...options, start: pick(STARTS, seed) });
      const producers = options.producers ?? 1;
      const common = { handle, strategy, streams: producers, variableBytes: (options.dataBytes ?? 0) / 2 };
      const full = readers.map((slowness, i) =>
        start<{ total: number; sessions: number }>('ring-reader', { ...common, slowness, seed: seed + i }),
      );
      await Promise.all(full.map((reader) => reader.ready));
      const visiting = Array.from({ length: visitors }, (_, i) =>
        start<{ total: number; sessions: number }>('ring-reader', {
          ...common,
          sessionRecords: 300,
          seed: seed + 100 + i,
        }),
      );
      const left = counter(producers);
      const writing = Array.from({ length: producers }, (_, stream) =>
        start<{ total: number; sessions: number }>('ring-producer', {
          ...common,
          stream,
          left,
          aborts,
          records: records * scale,
        }),
      );
      const results = await all([...full, ...visiting, ...writing]);
      for (let i = 0; i < full.length; i++) {
        expect(results[i]).toEqual({ total: records * scale * producers, sessions: 1 });
      }
      for (let i = 0; i < visitors; i++) expect(results[full.length + i]!.sessions).toBeGreaterThan(0);
    },
  };
}

export const SCENARIOS: readonly Scenario[] = [
  lane('park', [128, 64], 2_000),
  lane('spin', [4096, 1024, 64], 1_000),
  lane('adaptive', [512, 65_536, 64], 5_000),
  dyingProducers,
  dyingConsumers,
  ring({
    name: '1 producer, 3 readers of different speed',
    options: { capacity: 64, slotBytes: 24 },
    strategy: 'park',
    records: 3_000,
    readers: [0, 3, 60],
  }),
  ring({
    name: '1 producer, 1 reader, a record at a time',
    options: { capacity: 1, dataBytes: 64 },
    strategy: 'spin',
    records: 300,
    readers: [0],
  }),
  ring({
    name: '3 producers of slots with aborts',
    options: { capacity: 32, slotBytes: 16, producers: 3 },
    strategy: 'adaptive',
    records: 1_000,
    readers: [0, 20],
    aborts: true,
  }),
  ring({
    name: '3 producers of varying length with aborts',
    options: { capacity: 16, dataBytes: 512, producers: 3 },
    strategy: 'park',
    records: 1_000,
    readers: [0, 20],
    aborts: true,
  }),
  ring({
    name: 'readers that join and leave',
    options: { capacity: 64, dataBytes: 2048, producers: 2, readers: 3 },
    strategy: 'park',
    records: 1_500,
    readers: [5],
    visitors: 2,
    aborts: true,
  }),
];
