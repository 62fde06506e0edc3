/** A thread that reads, and writes down what it has read, until the flow ends, or it is terminated. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachReader, type ReaderHandle } from 'millrace';
import type { Told } from './events.ts';
import { Log } from './log.ts';

export interface ReaderData {
  readonly handle: ReaderHandle;
  readonly log: SharedArrayBuffer;
}

const { handle, log: buffer } = workerData as ReaderData;
const log = new Log(buffer);
const reader = attachReader<Told & { sequence: number }>(handle);
parentPort!.postMessage('attached');
try {
  for (const batch of reader.batches()) {
    for (let i = 0; i < batch.length; i++) log.add(batch.at(i));
  }
  parentPort!.postMessage('closed');
} catch (error) {
  parentPort!.postMessage((error as { code?: string }).code ?? String(error));
}
