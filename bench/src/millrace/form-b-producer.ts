/** Producing thread of `form-b-apart.ts`: publishes the events of a round, and its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, type ProducerHandle } from 'millrace';
import { eventsOf } from './form-b-events.ts';

const producer = attachProducer<{ seq: number; x: number }>(workerData as ProducerHandle);

parentPort!.on('message', (count: number) => void producer.publishAll(eventsOf(count)));
parentPort!.postMessage('ready');
