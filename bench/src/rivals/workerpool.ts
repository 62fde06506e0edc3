/** A pool of workerpool's, in batches, with the order kept by a window. */
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { type OrderedContender, timed } from '../harness/contender.ts';
import { foldBatches } from './batches.ts';

const WORKER = fileURLToPath(new URL('./workerpool-worker.js', import.meta.url));

export const contender: OrderedContender = {
  name: 'workerpool-batches',
  start: async ({ threads }) => {
    const pool = workerpool.pool(WORKER, { minWorkers: threads, maxWorkers: threads, workerType: 'thread' });
    return {
      round: (setting) =>
        timed(() => foldBatches(setting, threads, async (task) => (await pool.exec('compute', [task])) as Int32Array)),
      stop: async () => {
        await pool.terminate();
      },
    };
  },
};
