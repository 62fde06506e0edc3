/** A thread that publishes in every way there is, until it is told to stop, or is terminated. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { Random } from '../random.ts';
import { numberOf, padded, type Told } from './events.ts';
import type { EventKind } from './round.ts';
import { Tally } from './tally.ts';

export interface ProducerData {
  readonly handle: ProducerHandle;
  readonly events: EventKind;
  readonly tally: SharedArrayBuffer;
  readonly producer: number;
  readonly seed: number;
}

/** What it uses, whatever the codec. */
interface AnyProducer {
  publish(event: unknown): void;
  tryPublish(event: unknown): boolean;
  publishAll(events: Iterable<unknown>): Promise<void>;
  skip(count: number): void;
  next(): { producer: number; event: number };
  claim(count: number): number;
  commit(count?: number): void;
  abort(): void;
  close(): void;
  readonly items: Float64Array;
  readonly begin: number;
}

const { handle, events, tally: buffer, producer, seed } = workerData as ProducerData;
const tally = new Tally(buffer);
const random = new Random(seed, producer);
const ring = attachProducer(handle) as unknown as AnyProducer;
parentPort!.postMessage('attached');

let count = 0;
const eventOf = (event: number): unknown => {
  const told: Told = { producer, event };
  if (events === 'numbers') return numberOf(told);
  return events === 'value' ? padded(told) : told;
};

/** Says what is about to be published, and that it was. */
function publishing(more: number, publish: () => void): void {
  tally.begin(producer, count + more);
  publish();
  count += more;
  tally.done(producer, count);
}

function fillOne(): void {
  const event = ring.next();
  if (random.chance(0.1)) ring.abort();
  else {
    publishing(1, () => {
      event.producer = producer;
      event.event = count;
      ring.commit();
    });
  }
}

function fillMany(): void {
  const room = ring.claim(random.integer(1, 20));
  // Nothing of it, in one of ten.
  const used = random.chance(0.1) ? 0 : random.integer(0, room);
  publishing(used, () => {
    for (let i = 0; i < used; i++) ring.items[ring.begin + i] = numberOf({ producer, event: count + i });
    ring.commit(used);
  });
}

const WAYS = {
  publish: () => publishing(1, () => ring.publish(eventOf(count))),
  fill: () => {
    if (events === 'struct') fillOne();
    else if (events === 'numbers') fillMany();
  },
  skip: () => ring.skip(random.integer(1, 5)),
};

async function publishMany(): Promise<void> {
  const more = random.integer(1, 100);
  tally.begin(producer, count + more);
  await ring.publishAll(Array.from({ length: more }, (_, i) => eventOf(count + i)));
  count += more;
  tally.done(producer, count);
}

try {
  while (!tally.isStopped) {
    for (let i = random.integer(1, 100); i > 0; i--) WAYS[random.pick(['publish', 'fill', 'fill', 'skip'] as const)]();
    if (random.chance(0.2)) await publishMany();
    tally.rest(random.pick([0, 0.1, 1]));
  }
  ring.close();
  parentPort!.postMessage('closed');
} catch (error) {
  parentPort!.postMessage((error as { code?: string }).code ?? String(error));
}
