/** Reading thread of `form-b-apart.ts`: folds the items of a round as far as its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachReader, type ReaderHandle } from 'millrace';
import { type Answer, fold } from '../workloads/w1.ts';
import { END } from './ring-records.ts';

const batches = attachReader<{ seq: number; value: number }>(workerData as ReaderHandle).batches();

function foldRound(): Answer {
  let checksum = 0;
  let items = 0;
  for (;;) {
    const { value: batch, done } = batches.next();
    if (done) throw new Error('the flow ended within a round');
    for (let i = 0; i < batch.length; i++) {
      const { seq, value } = batch.at(i);
      if (seq === END) return { checksum: checksum >>> 0, items };
      checksum = fold(checksum, seq, value);
      items++;
    }
  }
}

parentPort!.on('message', () => parentPort!.postMessage(foldRound()));
parentPort!.postMessage('ready');
