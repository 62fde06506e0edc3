/** Load thread of `latency.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import { makeLoad, type Progress } from '../latency/load.ts';
import type { LoadRound } from '../latency/load-round.ts';
import { hash } from '../workloads/w1.ts';
import { END_EVENT } from './ring-records.ts';

const { handle, progress } = workerData as { handle: ProducerHandle; progress: Progress };
const producer = attachProducer<{ seq: number; x: number }>(handle);
const now = sharedClock();

parentPort!.on('message', ({ setting, startUs }: LoadRound) => {
  const event = { seq: 0, x: 0 };
  makeLoad(setting, startUs, progress, now, (begin, end) => {
    for (event.seq = begin; event.seq < end; event.seq++) {
      event.x = hash(event.seq);
      producer.publish(event);
    }
  });
  producer.publish(END_EVENT);
});
parentPort!.postMessage('ready');
