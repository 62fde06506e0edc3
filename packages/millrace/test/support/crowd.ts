import { Worker } from 'node:worker_threads';
import { pipeline, struct, toRing, u32 } from 'millrace';
import { randomBy } from './hand-flow.ts';

interface Item {
  sequence: number;
  producer: number;
  number: number;
  index: number;
  of: number;
}

/** What a reader saw, from where it joined. */
interface Suffix {
  count: number;
  first?: { sequence: number; index: number };
  sum: number;
}

const EVENT = struct({ producer: u32, number: u32 });

/** A thread that joins late. Rejects with what it threw. */
async function join<Result>(workerData: object): Promise<Result> {
  const worker = new Worker(new URL('../fixtures/crowd-thread.mjs', import.meta.url), { workerData });
  return await new Promise((resolve, reject) => {
    let result: Result;
    worker.once('message', (message: Result) => {
      result = message;
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (code === 0) resolve(result);
      else reject(new Error(`a thread that joined ended with code ${code}`));
    });
  });
}

/**
 * A flow that threads join and leave while it runs: producers of which each comes when another has gone on a while, readers
 * that begin in the middle. Every event of every producer arrives once and in that producer's order; every reader sees the
 * same items, from where it joined.
 */
export async function runCrowd(seed: number, events: number): Promise<void> {
  const random = randomBy(seed);
  const pick = (...options: number[]): number => options[Math.floor(random() * options.length)]!;
  const producers = pick(1, 2, 3);
  const flow = await pipeline({
    source: EVENT,
    capacity: pick(1, 4, 64, 1024),
    producers,
    startAt: pick(0, 2 ** 31 - 50, 2 ** 32 - 50),
  })
    .process(new URL('../fixtures/crowd-processor.mjs', import.meta.url), {
      threads: pick(1, 2, 3),
      laneBytes: pick(128, 1024, 2 ** 16),
    })
    .write(toRing<Item>({ capacity: pick(1, 8, 512), readers: 4 }))
    .start();
  const items: Item[] = [];
  const readers: Promise<Suffix>[] = [];
  const joinAt = [pick(1, 50, 500), pick(5, 1_000)];
  const main = (async () => {
    for await (const item of flow.results()) {
      items.push(item);
      if (items.length === joinAt[0]) readers.push(join({ role: 'reader', handle: flow.reader(), slow: false }));
      if (items.length === joinAt[1]) readers.push(join({ role: 'reader', handle: flow.reader(), slow: true }));
    }
  })();
  const counts: number[] = [];
  let refused = 0;
  const produce = async (): Promise<void> => {
    // Each place is taken by one thread after another.
    for (let turn = 0; turn < 2; turn++) {
      const producer = counts.push(Math.floor(events / producers / 2)) - 1;
      const result = await join<{ refused: number }>({
        role: 'producer',
        handle: flow.producer(),
        producer,
        count: counts[producer],
      });
      refused += result.refused;
    }
  };
  await Promise.all(Array.from({ length: producers }, produce));
  await Promise.all([flow.drain(), main]);

  const { itemsOf } = (await import('../fixtures/crowd-processor.mjs' as string)) as {
    itemsOf(p: number, n: number): number;
  };
  const next = counts.map(() => 0);
  /** The numbers from the next of `producer` on that have no items are passed over. */
  const skip = (producer: number): void => {
    while (next[producer]! < counts[producer]! && itemsOf(producer, next[producer]!) === 0) next[producer]!++;
  };
  let at = 0;
  let last = -1;
  while (at < items.length) {
    const { sequence, producer, number, of } = items[at]!;
    skip(producer);
    if (number !== next[producer])
      throw new Error(`producer ${producer}: event ${number} where ${next[producer]} is next`);
    if (sequence <= last) throw new Error(`sequence ${sequence} after ${last}`);
    last = sequence;
    for (let index = 0; index < of; index++, at++) {
      const item = items[at];
      const same =
        item?.sequence === sequence && item.producer === producer && item.number === number && item.index === index;
      if (!same) throw new Error(`item ${index} of sequence ${sequence} is ${JSON.stringify(item)}`);
    }
    next[producer]!++;
  }
  counts.forEach((count, producer) => {
    skip(producer);
    if (next[producer] !== count) throw new Error(`producer ${producer}: ${next[producer]} of ${count} events arrived`);
  });
  const published = counts.reduce((sum, count) => sum + count, 0);
  const { events: sequences } = flow.stats();
  if (sequences < published || sequences > published + 2 * refused)
    throw new Error(`${sequences} sequences for ${published} events`);
  for (const { count, first, sum } of await Promise.all(readers)) {
    const suffix = items.slice(items.length - count);
    const same = suffix.reduce(
      (acc, i) => (Math.imul(acc, 31) + i.sequence + i.producer * 7 + i.number * 13 + i.index) | 0,
      0,
    );
    if (same !== sum || (count > 0 && (first?.sequence !== suffix[0]!.sequence || first?.index !== suffix[0]!.index))) {
      throw new Error(`a reader that joined late saw other items than the last ${count}`);
    }
  }
}
