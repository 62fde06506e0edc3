/** piscina with a task for each event: the load thread tells the main thread what is due, which runs it and reads in order. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { LoadHost } from './load-host.ts';
import type { LatencyReader } from './reader.ts';
import type { LatencyContender } from './setting.ts';

const WORKER = new URL('./piscina-worker.js', import.meta.url).href;
const EVENTS_IN_FLIGHT_PER_THREAD = 64;

type Pool = Piscina<number, number>;

function runInOrder(pool: Pool, arrivals: MessagePort, reader: LatencyReader, taken: () => void): void {
  let last: Promise<void> = Promise.resolve();
  const takeAfter = async (before: Promise<void>, item: Promise<number>): Promise<void> => {
    await before;
    reader.take(await item);
    taken();
  };
  arrivals.removeAllListeners('message');
  arrivals.on('message', ([begin, end]: [number, number]) => {
    for (let seq = begin; seq < end; seq++) last = takeAfter(last, pool.run(seq));
  });
}

export const perEvent: LatencyContender = {
  name: 'piscina',
  start: async ({ threads }) => {
    const pool: Pool = new Piscina({
      filename: WORKER,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: EVENTS_IN_FLIGHT_PER_THREAD,
    });
    const { port1, port2 } = new MessageChannel();
    const load = await LoadHost.start([port1], 'range');
    return {
      round: (setting) => load.round(setting, (reader, taken) => runInOrder(pool, port2, reader, taken)),
      stop: async () => {
        await load.stop();
        port2.close();
        await pool.destroy();
      },
    };
  },
};
