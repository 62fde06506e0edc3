import type { Worker } from 'node:worker_threads';
import type { Contender } from '../../harness/contender.ts';
import { startThreads, stopThreads } from '../../harness/threads.ts';
import { MOST_PRODUCERS, type ProducersResult, type ProducersSetting } from './setting.ts';

/** How the main thread takes the events of one round, which the threads begin when they are told. */
export type Take = (setting: ProducersSetting, workers: readonly Worker[]) => Promise<number>;

/** Producing threads, each told by a message how many events it is to make. */
export const producersContender = (
  name: string,
  file: URL,
  open: () => { readonly data: unknown; readonly take: Take },
): Contender<ProducersSetting, ProducersResult> => ({
  name,
  async start() {
    const { data, take } = open();
    const workers = await startThreads(
      file,
      Array.from({ length: MOST_PRODUCERS }, (_, producer) => ({ producer, data })),
    );
    return {
      async round(setting) {
        const begin = performance.now();
        for (const worker of workers.slice(0, setting.producers)) worker.postMessage(setting.events);
        const sum = await take(setting, workers);
        return { ms: performance.now() - begin, sum };
      },
      stop: () => stopThreads(workers),
    };
  },
});
