/**
 * Hand-written worker_threads: chunks of events are dealt out in turn; a thread fills transferred buffers, which are also its
 * credits. The main thread writes: it reads each thread's buffers up to the end of a chunk, then the next thread's, and gives
 * every buffer back as soon as it is folded. Memory is the buffers, whatever an event emits, and nothing is allocated for a
 * batch but its messages. Counterpart: `message-port-worker.ts`.
 */
import type { Worker } from 'node:worker_threads';
import { type OrderedContender, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import type { Answer } from '../workloads/w1.ts';
import { ENDS_CHUNK, FIRST_RECORD_WORD, USED_WORDS } from './block.ts';
import { chunkCount, type DealtRound, dealt } from './chunks.ts';
import { RecordFolder } from './records.ts';

const WORKER = new URL('./message-port-worker.js', import.meta.url);

/** A message costs about 10 µs on its two sides together, so a small buffer would be all message. */
const BUFFER_BYTES = 256 * 1024;
const BUFFERS_PER_THREAD = 8;

type Block = Int32Array<ArrayBuffer>;

/** Folds one round. Which chunk's turn it is, and so which thread's, is the only state beside the queues. */
function fold(workers: readonly Worker[], round: DealtRound): Promise<Answer> {
  const folder = new RecordFolder();
  const queues: Block[][] = workers.map(() => []);
  const chunks = chunkCount(round);
  let chunk = 0;
  return new Promise((resolve) => {
    const drain = (): void => {
      while (chunk < chunks) {
        const thread = chunk % workers.length;
        const block = queues[thread].shift();
        if (!block) return;
        folder.fold(block, FIRST_RECORD_WORD, block[USED_WORDS]);
        if (block[ENDS_CHUNK] === 1) chunk++;
        workers[thread].postMessage(block, [block.buffer]);
      }
      for (const worker of workers) worker.removeAllListeners('message');
      resolve(folder.answer());
    };
    workers.forEach((worker, thread) => {
      worker.on('message', (block: Block) => {
        queues[thread].push(block);
        if (chunk % workers.length === thread) drain();
      });
      worker.postMessage(round);
    });
  });
}

export const contender: OrderedContender = {
  name: 'message-port',
  start: async ({ threads }) => {
    const workers = await startThreads(
      WORKER,
      Array.from({ length: threads }, (_, thread) => ({ thread })),
    );
    for (const worker of workers) {
      for (let i = 0; i < BUFFERS_PER_THREAD; i++) {
        const block = new Int32Array(BUFFER_BYTES / Int32Array.BYTES_PER_ELEMENT);
        worker.postMessage(block, [block.buffer]);
      }
    }
    return {
      round: (setting) => timed(() => fold(workers, dealt(setting, threads))),
      stop: () => stopThreads(workers),
    };
  },
};
