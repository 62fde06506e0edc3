/** Computing half of `message-port.ts`. */
import { parentPort } from 'node:worker_threads';
import { kernelOf } from '../workloads/kernel.ts';
import { ENDS_CHUNK, FIRST_RECORD_WORD, type PortRound, USED_WORDS } from './message-port-buffer.ts';
import { RecordWriter } from './records.ts';

const port = parentPort!;
const credits: Int32Array<ArrayBuffer>[] = [];
let round: PortRound | undefined;
let writer: RecordWriter;
let chunk = 0;

port.on('message', (message: Int32Array<ArrayBuffer> | PortRound) => {
  if (message instanceof Int32Array) credits.push(message);
  else begin(message);
  compute();
});
port.postMessage('ready');

function begin(next: PortRound): void {
  round = next;
  writer = new RecordWriter(kernelOf(next.work));
  chunk = next.thread;
  beginChunk(next);
}

/** Starts on the chunk, if the round has it. */
function beginChunk({ events, chunkEvents }: PortRound): boolean {
  const from = chunk * chunkEvents;
  if (from >= events) return false;
  writer.begin(from, Math.min(events, from + chunkEvents));
  return true;
}

/** Computes until the credits or the round are used up; a buffer that comes back calls it again. */
function compute(): void {
  while (round && credits.length > 0) {
    if (chunk * round.chunkEvents >= round.events) {
      round = undefined;
      return;
    }
    const words = credits.pop()!;
    words[USED_WORDS] = writer.fill(words, FIRST_RECORD_WORD);
    words[ENDS_CHUNK] = writer.done ? 1 : 0;
    if (writer.done) {
      chunk += round.threads;
      beginChunk(round);
    }
    port.postMessage(words, [words.buffer]);
  }
}
