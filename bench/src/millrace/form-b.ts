/**
 * Millrace, form B as most programs would write it: the main thread publishes the events into a real source ring and reads
 * the items from a destination ring, in batches. One flow serves all rounds; an end record closes each.
 */
import { type Flow, pipeline, toRing } from 'millrace';
import { type OrderedContender, timed } from '../harness/contender.ts';
import type { Work } from '../workloads/kernel.ts';
import { type Answer, fold } from '../workloads/w1.ts';
import { eventsOf } from './form-b-events.ts';
import { END, RingEvent, RingItem } from './ring-records.ts';

const PROCESSOR = new URL('./form-b-processor.js', import.meta.url);
const CAPACITY = 65_536;

type W1Flow = Flow<{ seq: number; x: number }, { seq: number; value: number }>;

async function open(work: Work, threads: number) {
  if (work.kind !== 'w1') throw new Error(`form B computes W1 only, not ${work.kind}`);
  const flow = (await pipeline({ source: RingEvent, capacity: CAPACITY })
    .process(PROCESSOR, { threads, data: { K: work.K } })
    .write(toRing({ capacity: CAPACITY, codec: RingItem }))
    .start()) as W1Flow;
  return { flow, batches: flow.results().batches() };
}

async function foldRound({ batches }: Awaited<ReturnType<typeof open>>): Promise<Answer> {
  let checksum = 0;
  let items = 0;
  for (;;) {
    const { value: batch, done } = await batches.next();
    if (done) throw new Error('the flow ended within a round');
    for (let i = 0; i < batch.length; i++) {
      const { seq, value } = batch.at(i);
      if (seq === END) return { checksum: checksum >>> 0, items };
      checksum = fold(checksum, seq, value);
      items++;
    }
  }
}

export const contender: OrderedContender = {
  name: 'millrace',
  start: async ({ threads }) => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    return {
      async round({ work, events }) {
        opened ??= await open(work, threads);
        const parts = opened;
        return timed(async () => {
          const [answer] = await Promise.all([foldRound(parts), parts.flow.publish(eventsOf(events))]);
          return answer;
        });
      },
      async stop() {
        await opened?.flow.stop();
      },
    };
  },
};
