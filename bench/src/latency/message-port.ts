/**
 * Hand-written worker_threads: the load thread posts to the computing threads in turn, they post to the main thread, which reads
 * in that turn. One event a message, or all that are due in one. Counterpart: `message-port-worker.ts`.
 */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { stopThreads } from '../harness/threads.ts';
import { LoadHost } from './load-host.ts';
import type { LoadData } from './load-thread.ts';
import type { LatencyReader } from './reader.ts';
import type { LatencyContender } from './setting.ts';

const WORKER = new URL('./message-port-worker.js', import.meta.url);

/** What a computing thread answers: the item of an event, or the items of a range. */
type Reply = number | number[];

/** Reads the replies of all threads in the order in which their tasks were posted. */
function readInTurn(workers: readonly Worker[], reader: LatencyReader, taken: () => void): void {
  const queues: Reply[][] = workers.map(() => []);
  let turn = 0;
  const drain = (): void => {
    for (let reply = queues[turn].shift(); reply !== undefined; reply = queues[turn].shift()) {
      if (typeof reply === 'number') reader.take(reply);
      else for (const value of reply) reader.take(value);
      turn = (turn + 1) % workers.length;
    }
    taken();
  };
  workers.forEach((worker, index) => {
    worker.removeAllListeners('message');
    worker.on('message', (reply: Reply) => {
      queues[index].push(reply);
      if (index === turn) drain();
    });
  });
}

const overPorts = (name: string, message: LoadData['message']): LatencyContender => ({
  name,
  start: async ({ threads }) => {
    const channels = Array.from({ length: threads }, () => new MessageChannel());
    const workers = channels.map(({ port2 }) => new Worker(WORKER, { workerData: port2, transferList: [port2] }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const load = await LoadHost.start(
      channels.map(({ port1 }) => port1),
      message,
    );
    return {
      round: (setting) => load.round(setting, (reader, taken) => readInTurn(workers, reader, taken)),
      stop: async () => {
        await load.stop();
        await stopThreads(workers);
      },
    };
  },
});

export const perEvent: LatencyContender = overPorts('message-port', 'event');
export const batches: LatencyContender = overPorts('message-port-batches', 'range');
