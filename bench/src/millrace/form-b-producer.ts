/** Producing thread of `form-b.ts`: publishes the events of a round, and its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { hash } from '../workloads/w1.ts';
import { END_EVENT } from './ring-records.ts';

const producer = attachProducer<{ seq: number; x: number }>(workerData as ProducerHandle);

function* eventsOf(count: number): Generator<{ seq: number; x: number }> {
  const event = { seq: 0, x: 0 };
  for (; event.seq < count; event.seq++) {
    event.x = hash(event.seq);
    yield event;
  }
  yield END_EVENT;
}

parentPort!.on('message', (count: number) => void producer.publishAll(eventsOf(count)));
parentPort!.postMessage('ready');
