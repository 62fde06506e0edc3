import { parentPort, workerData } from 'node:worker_threads';
import { journalPosition, toJournal } from '@millrace/journal';
import { pipeline, sequences } from 'millrace';

const { sequence } = await journalPosition(workerData.dir);
const flow = await pipeline({ source: sequences(10_000_000), startAt: sequence })
  .process(new URL('processor.mjs', import.meta.url), { threads: 1 })
  .write(toJournal(workerData))
  .start();
parentPort.postMessage('started');
await flow.drain();
