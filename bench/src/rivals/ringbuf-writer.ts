/** Writing thread of `ringbuf.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ENDS_CHUNK, FIRST_RECORD_WORD, USED_WORDS } from './block.ts';
import { chunkCount, type DealtRound } from './chunks.ts';
import { RecordFolder } from './records.ts';
import { BLOCK_WORDS, type LaneMemory, RingbufLane } from './ringbuf-lane.ts';

const lanes = (workerData as { lanes: LaneMemory[] }).lanes.map((memory) => new RingbufLane(memory));
const block = new Int32Array(BLOCK_WORDS);

parentPort!.on('message', (round: DealtRound) => {
  const folder = new RecordFolder();
  const chunks = chunkCount(round);
  for (let chunk = 0; chunk < chunks; ) {
    lanes[chunk % lanes.length].pop(block);
    folder.fold(block, FIRST_RECORD_WORD, block[USED_WORDS]);
    if (block[ENDS_CHUNK] === 1) chunk++;
  }
  parentPort!.postMessage(folder.answer());
});
parentPort!.postMessage('ready');
