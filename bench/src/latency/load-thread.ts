/** Makes the load for contenders over ports: events go to the ports in turn, one a message or all that are due in one. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { sharedClock } from '../harness/clock.ts';
import { makeLoad, type Progress } from './load.ts';
import type { LoadRound } from './load-round.ts';

export interface LoadData {
  readonly ports: readonly MessagePort[];
  readonly progress: Progress;
  /** Whether a message carries one event (its sequence) or all that are due (`[begin, end)`). */
  readonly message: 'event' | 'range';
}

const { ports, progress, message } = workerData as LoadData;
const now = sharedClock();

parentPort!.on('message', ({ setting, startUs }: LoadRound) => {
  let messages = 0;
  const published = makeLoad(setting, startUs, progress, now, (begin, end) => {
    if (message === 'range') ports[messages++ % ports.length].postMessage([begin, end]);
    else for (let seq = begin; seq < end; seq++) ports[seq % ports.length].postMessage(seq);
  });
  parentPort!.postMessage(published);
});
parentPort!.postMessage('ready');
