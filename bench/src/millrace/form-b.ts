/**
 * Millrace, form B as most programs would write it: the main thread publishes the events into a real source ring and reads
 * the items from a destination ring, in batches. One flow serves all rounds; an end record closes each. The user's code is in one
 * of two styles: objects, or flyweights, by which events and items are written and read in place.
 */
import { type Flow, type ItemBatch, pipeline, toRing } from 'millrace';
import { type OrderedContender, timed } from '../harness/contender.ts';
import type { Work } from '../workloads/kernel.ts';
import { type Answer, fold, hash } from '../workloads/w1.ts';
import { eventsOf } from './form-b-events.ts';
import { END, END_EVENT, RingEvent, RingItem } from './ring-records.ts';

const CAPACITY = 65_536;

interface Event {
  seq: number;
  x: number;
}
interface Item {
  seq: number;
  value: number;
}
type W1Flow = Flow<Event, Item, typeof RingEvent>;
type Batches = AsyncIterator<ItemBatch<Item>>;

interface Style {
  readonly processor: URL;
  publish(flow: W1Flow, events: number): Promise<void>;
  /** Folds as far as the end of the round. */
  fold(batches: Batches): Promise<Answer>;
}

async function nextBatch(batches: Batches): Promise<ItemBatch<Item>> {
  const { value, done } = await batches.next();
  if (done) throw new Error('the flow ended within a round');
  return value;
}

const OBJECTS: Style = {
  processor: new URL('./form-b-processor.js', import.meta.url),
  publish: (flow, events) => flow.publish(eventsOf(events)),
  async fold(batches) {
    let checksum = 0;
    let items = 0;
    for (;;) {
      const batch = await nextBatch(batches);
      for (let i = 0; i < batch.length; i++) {
        const { seq, value } = batch.at(i);
        if (seq === END) return { checksum: checksum >>> 0, items };
        checksum = fold(checksum, seq, value);
        items++;
      }
    }
  },
};

const FLYWEIGHTS: Style = {
  processor: new URL('./form-b-flyweight-processor.js', import.meta.url),
  async publish(flow, events) {
    for (let seq = 0; seq < events; seq++) {
      const event = flow.tryNext() ?? (await flow.next());
      event.seq = seq;
      event.x = hash(seq);
      flow.commit();
    }
    await flow.publish(END_EVENT);
  },
  async fold(batches) {
    let checksum = 0;
    let items = 0;
    for (;;) {
      const batch = await nextBatch(batches);
      for (const { seq, value } of batch.views()) {
        if (seq === END) return { checksum: checksum >>> 0, items };
        checksum = fold(checksum, seq, value);
        items++;
      }
    }
  },
};

async function open(work: Work, threads: number, processor: URL): Promise<{ flow: W1Flow; batches: Batches }> {
  if (work.kind !== 'w1') throw new Error(`form B computes W1 only, not ${work.kind}`);
  const flow = await pipeline({ source: RingEvent, capacity: CAPACITY })
    .process(processor, { threads, data: { K: work.K } })
    .write(toRing({ capacity: CAPACITY, codec: RingItem }))
    .start();
  return { flow, batches: flow.results().batches() };
}

const contenderIn = (name: string, style: Style): OrderedContender => ({
  name,
  start: async ({ threads }) => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    return {
      async round({ work, events }) {
        opened ??= await open(work, threads, style.processor);
        const { flow, batches } = opened;
        return timed(async () => {
          const [answer] = await Promise.all([style.fold(batches), style.publish(flow, events)]);
          return answer;
        });
      },
      async stop() {
        await opened?.flow.stop();
      },
    };
  },
});

export const objects: OrderedContender = contenderIn('millrace', OBJECTS);
export const flyweights: OrderedContender = contenderIn('millrace-flyweight', FLYWEIGHTS);
