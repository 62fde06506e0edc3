/**
 * Millrace, form B with a thread for the producer and one for the reader, six threads in all: what they cost where there are
 * fewer cores. One flow serves all rounds; an end record closes each.
 */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { pipeline, toRing } from 'millrace';
import { type OrderedContender, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import type { Work } from '../workloads/kernel.ts';
import type { Answer } from '../workloads/w1.ts';
import { RingEvent, RingItem } from './ring-records.ts';

const PROCESSOR = new URL('./form-b-processor.js', import.meta.url);
const PRODUCER = new URL('./form-b-producer.js', import.meta.url);
const READER = new URL('./form-b-reader.js', import.meta.url);
const CAPACITY = 65_536;

async function open(work: Work, threads: number) {
  if (work.kind !== 'w1') throw new Error(`form B computes W1 only, not ${work.kind}`);
  const flow = await pipeline({ source: RingEvent, capacity: CAPACITY, producers: 1 })
    .process(PROCESSOR, { threads, data: { K: work.K } })
    .write(toRing({ capacity: CAPACITY, codec: RingItem }))
    .start();
  const [reader] = await startThreads(READER, [flow.reader()]);
  const [producer] = await startThreads(PRODUCER, [flow.producer()]);
  return { flow, producer, reader };
}

async function foldRound(producer: Worker, reader: Worker, events: number): Promise<Answer> {
  const answer = once(reader, 'message');
  reader.postMessage('fold');
  producer.postMessage(events);
  return ((await answer) as [Answer])[0];
}

export const contender: OrderedContender = {
  name: 'millrace-apart',
  start: async ({ threads }) => {
    let opened: Awaited<ReturnType<typeof open>> | undefined;
    return {
      async round({ work, events }) {
        // A flow has one workload for life, and the first round is the first to say which.
        opened ??= await open(work, threads);
        const { producer, reader } = opened;
        return timed(() => foldRound(producer, reader, events));
      },
      async stop() {
        if (!opened) return;
        await stopThreads([opened.producer, opened.reader]);
        await opened.flow.stop();
      },
    };
  },
};
