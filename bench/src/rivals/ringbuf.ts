/**
 * ringbuf.js lanes: a ring from each computing thread to the writer, which has a thread of its own because it sleeps. Chunks are
 * dealt out in turn and the writer reads the lanes in that turn, so the order costs nothing and memory is the rings.
 * Counterparts: `ringbuf-worker.ts`, `ringbuf-writer.ts`.
 */
import { once } from 'node:events';
import { type OrderedContender, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import type { Answer } from '../workloads/w1.ts';
import { dealt } from './chunks.ts';
import { laneMemory } from './ringbuf-lane.ts';

const WORKER = new URL('./ringbuf-worker.js', import.meta.url);
const WRITER = new URL('./ringbuf-writer.js', import.meta.url);

export const contender: OrderedContender = {
  name: 'ringbuf',
  start: async ({ threads }) => {
    const lanes = Array.from({ length: threads }, laneMemory);
    const workers = await startThreads(
      WORKER,
      lanes.map((lane, thread) => ({ lane, thread })),
    );
    const [writer] = await startThreads(WRITER, [{ lanes }]);
    return {
      round: (setting) =>
        timed(async () => {
          const round = dealt(setting, threads);
          const answer = once(writer, 'message');
          for (const thread of [writer, ...workers]) thread.postMessage(round);
          return ((await answer) as [Answer])[0];
        }),
      stop: () => stopThreads([writer, ...workers]),
    };
  },
};
