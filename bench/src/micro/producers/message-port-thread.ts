/** Producing half of `message-port.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { eventOf } from './setting.ts';

const { producer } = workerData as { producer: number };
const port = parentPort!;

port.on('message', (events: number) => {
  for (let i = 0; i < events; i++) port.postMessage(eventOf(producer, i));
});
port.postMessage('ready');
