/** Reading thread of `latency.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachReader, type ReaderHandle } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import type { Progress } from '../latency/load.ts';
import type { LoadRound } from '../latency/load-round.ts';
import { LatencyReader } from '../latency/reader.ts';
import { END } from './ring-records.ts';

const { handle, progress } = workerData as { handle: ReaderHandle; progress: Progress };
const batches = attachReader<{ seq: number; value: number }>(handle).batches();
const now = sharedClock();

parentPort!.on('message', ({ setting, startUs }: LoadRound) => {
  const reader = new LatencyReader(setting, startUs, progress, now);
  for (;;) {
    const { value: batch, done } = batches.next();
    if (done) throw new Error('the flow ended within a round');
    for (let i = 0; i < batch.length; i++) {
      const { seq, value } = batch.at(i);
      if (seq !== END) {
        reader.take(value);
        continue;
      }
      parentPort!.postMessage(reader.result());
      return;
    }
  }
});
parentPort!.postMessage('ready');
