/**
 * What the machine allows: two processors, a writer and lanes of blocks that span many sequences, with nothing else. A bound has no
 * failure handling, no API and one workload, so it is no rival: it is an example of the limit that Millrace is held against.
 * `bound-bulk` writes its items by a loop over the lane's typed array, `bound-emit` by a call for each.
 * Counterparts: `processor-thread.ts`, `writer-thread.ts`.
 */
import { once } from 'node:events';
import { type OrderedContender, type OrderedSetting, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import type { Answer } from '../workloads/w1.ts';
import { type BoundRound, boundLane, boundShared, NEXT_TICKET } from './memory.ts';
import type { BoundProcessorData } from './processor-thread.ts';
import type { BoundMode } from './user-processor.ts';
import type { BoundWriterData } from './writer-thread.ts';

const PROCESSOR = new URL('./processor-thread.js', import.meta.url);
const WRITER = new URL('./writer-thread.js', import.meta.url);

/** Sequences of a ticket from this K on: about a millisecond of work, or two blocks of output. */
const TICKETS: readonly (readonly [leastK: number, events: number])[] = [
  [20_000, 32],
  [500, 512],
  [0, 4096],
];

function roundOf({ work, events }: OrderedSetting): BoundRound {
  if (work.kind !== 'w1') throw new Error(`a bound computes W1 only, not ${work.kind}`);
  const { K } = work;
  return { events, K, ticketEvents: TICKETS.find(([leastK]) => K >= leastK)![1] };
}

const boundBy = (mode: BoundMode): OrderedContender => ({
  name: `bound-${mode}`,
  start: async ({ threads }) => {
    const lanes = Array.from({ length: threads }, boundLane);
    const shared = boundShared();
    const processors = await startThreads(
      PROCESSOR,
      lanes.map((lane, thread): BoundProcessorData => ({ lane, shared, thread, mode })),
    );
    const writerData: BoundWriterData = { lanes, shared };
    const [writer] = await startThreads(WRITER, [writerData]);
    return {
      async round(setting) {
        const round = roundOf(setting);
        shared.log[NEXT_TICKET] = 0;
        const ended = processors.map((processor) => once(processor, 'message'));
        const result = await timed(async () => {
          const answer = once(writer, 'message');
          for (const thread of [...processors, writer]) thread.postMessage(round);
          return ((await answer) as [Answer])[0];
        });
        // A processor that still looked for a ticket would find one of the next round.
        await Promise.all(ended);
        return result;
      },
      stop: () => stopThreads([writer, ...processors]),
    };
  },
});

export const bulk: OrderedContender = boundBy('bulk');
export const emit: OrderedContender = boundBy('emit');
