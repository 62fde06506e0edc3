/** Threads behind comlink proxies, in batches dealt out in turn, with the order kept by a window. */
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type OrderedContender, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import { foldBatches } from './batches.ts';
import type { ComlinkApi } from './comlink-worker.ts';

const WORKER = new URL('./comlink-worker.js', import.meta.url);

export const contender: OrderedContender = {
  name: 'comlink-batches',
  start: async ({ threads }) => {
    const workers = await startThreads(WORKER, new Array(threads).fill(undefined));
    const proxies = workers.map((worker) => wrap<ComlinkApi>(nodeEndpoint(worker)));
    return {
      round: (setting) =>
        timed(() => foldBatches(setting, threads, (task, index) => proxies[index % threads].compute(task))),
      stop: () => stopThreads(workers),
    };
  },
};
