import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Starts worker threads for a hand-written contender and resolves when each has said `'ready'`. An error in one of them ends the
 * process: a measurement with a dead thread in it has no meaning.
 */
export async function startThreads(file: URL, dataOfEach: readonly unknown[]): Promise<Worker[]> {
  return Promise.all(
    dataOfEach.map(async (workerData) => {
      const worker = new Worker(file, { workerData });
      worker.on('error', (error) => {
        throw error;
      });
      const [first] = await once(worker, 'message');
      if (first !== 'ready')
        throw new Error(`a thread of ${file.pathname} began with ${String(first)} instead of 'ready'`);
      return worker;
    }),
  );
}

export async function stopThreads(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.terminate()));
}
