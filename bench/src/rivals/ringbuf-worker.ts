/** Computing thread of `ringbuf.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockWriter } from './block.ts';
import type { DealtRound } from './chunks.ts';
import { BLOCK_WORDS, type LaneMemory, RingbufLane } from './ringbuf-lane.ts';

const data = workerData as { lane: LaneMemory; thread: number };
const lane = new RingbufLane(data.lane);
const block = new Int32Array(BLOCK_WORDS);

parentPort!.on('message', (round: DealtRound) => {
  const writer = new BlockWriter(round, data.thread);
  while (!writer.done) {
    writer.fill(block);
    lane.push(block);
  }
});
parentPort!.postMessage('ready');
