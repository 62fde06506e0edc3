/**
 * Hand-written worker_threads: chunks of events are dealt out in turn; a thread fills transferred buffers, which are also its
 * credits. The main thread writes: it reads each thread's buffers up to the end of a chunk, then the next thread's, and gives
 * every buffer back as soon as it is folded. Memory is the buffers, whatever an event emits. Nothing is allocated per batch
 * but the messages. Counterpart: `message-port-worker.ts`.
 */
import type { Worker } from 'node:worker_threads';
import { type OrderedContender, type OrderedSetting, timed } from '../harness/contender.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import type { Answer } from '../workloads/w1.ts';
import { BUFFER_BYTES, BUFFERS_PER_THREAD, ENDS_CHUNK, FIRST_RECORD_WORD, type PortRound, USED_WORDS } from './message-port-buffer.ts';
import { RecordFolder } from './records.ts';

const WORKER = new URL('./message-port-worker.js', import.meta.url);

const LARGEST_CHUNK_EVENTS = 4096;
const CHUNKS_PER_THREAD = 128;

function chunkEvents(events: number, threads: number): number {
  return Math.max(1, Math.min(LARGEST_CHUNK_EVENTS, Math.ceil(events / (threads * CHUNKS_PER_THREAD))));
}

/** Folds one round; the chunk whose turn it is, and the thread that computes it, is the only state beside the queues. */
function fold(workers: readonly Worker[], queues: Int32Array<ArrayBuffer>[][], { events }: OrderedSetting, size: number): Promise<Answer> {
  const folder = new RecordFolder();
  const chunks = Math.ceil(events / size);
  let chunk = 0;
  return new Promise((resolve) => {
    const drain = (): void => {
      for (;;) {
        const thread = chunk % workers.length;
        const words = queues[thread].shift();
        if (!words) return;
        folder.fold(words, FIRST_RECORD_WORD, words[USED_WORDS]);
        if (words[ENDS_CHUNK] === 1) chunk++;
        workers[thread].postMessage(words, [words.buffer]);
        if (chunk < chunks) continue;
        for (const worker of workers) worker.removeAllListeners('message');
        resolve(folder.answer());
        return;
      }
    };
    workers.forEach((worker, thread) => {
      worker.on('message', (words: Int32Array<ArrayBuffer>) => {
        queues[thread].push(words);
        if (chunk % workers.length === thread) drain();
      });
    });
  });
}

export const contender: OrderedContender = {
  name: 'message-port',
  start: async ({ threads }) => {
    const workers = await startThreads(WORKER, new Array(threads).fill(undefined));
    for (const worker of workers) {
      for (let i = 0; i < BUFFERS_PER_THREAD; i++) {
        const words = new Int32Array(BUFFER_BYTES / Int32Array.BYTES_PER_ELEMENT);
        worker.postMessage(words, [words.buffer]);
      }
    }
    return {
      round: (setting) =>
        timed(() => {
          const size = chunkEvents(setting.events, threads);
          const answer = fold(workers, workers.map(() => []), setting, size);
          workers.forEach((worker, thread) => {
            const round: PortRound = { ...setting, thread, threads, chunkEvents: size };
            worker.postMessage(round);
          });
          return answer;
        }),
      stop: () => stopThreads(workers),
    };
  },
};
