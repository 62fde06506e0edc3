/** Computing half of `message-port.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockWriter } from './block.ts';
import type { DealtRound } from './chunks.ts';

type Block = Int32Array<ArrayBuffer>;

const port = parentPort!;
const { thread } = workerData as { thread: number };
const credits: Block[] = [];
let writer: BlockWriter | undefined;

port.on('message', (message: Block | DealtRound) => {
  if (message instanceof Int32Array) credits.push(message);
  else writer = new BlockWriter(message, thread);
  compute();
});
port.postMessage('ready');

/** Computes until the credits or the round are used up; a buffer that comes back calls it again. */
function compute(): void {
  while (writer && !writer.done && credits.length > 0) {
    const block = credits.pop()!;
    writer.fill(block);
    port.postMessage(block, [block.buffer]);
  }
}
