/** A pool of piscina's, with the order kept by a window: in batches, and with a task for each event. */
import { Piscina } from 'piscina';
import { type OrderedContender, type StartOptions, timed } from '../harness/contender.ts';
import { foldBatches } from './batches.ts';
import { orderedWindow } from './ordered-window.ts';
import { RecordFolder } from './records.ts';
import type { BatchTask } from './whole-batch.ts';

const WORKER = new URL('./piscina-worker.js', import.meta.url).href;
const EVENTS_IN_FLIGHT_PER_THREAD = 64;

const poolOf = ({ threads }: StartOptions, concurrentTasksPerWorker: number): Piscina<BatchTask, Int32Array> =>
  new Piscina({ filename: WORKER, minThreads: threads, maxThreads: threads, concurrentTasksPerWorker });

export const batches: OrderedContender = {
  name: 'piscina-batches',
  start: async (options) => {
    const pool = poolOf(options, 2);
    return {
      round: (setting) => timed(() => foldBatches(setting, options.threads, (task) => pool.run(task))),
      stop: () => pool.destroy(),
    };
  },
};

export const perEvent: OrderedContender = {
  name: 'piscina-per-event',
  start: async (options) => {
    const pool = poolOf(options, EVENTS_IN_FLIGHT_PER_THREAD);
    return {
      round: ({ work, events }) =>
        timed(async () => {
          const folder = new RecordFolder();
          await orderedWindow(
            events,
            options.threads * EVENTS_IN_FLIGHT_PER_THREAD,
            (seq) => pool.run({ work, begin: seq, end: seq + 1 }),
            (words) => folder.fold(words, 0, words.length),
          );
          return folder.answer();
        }),
      stop: () => pool.destroy(),
    };
  },
};
