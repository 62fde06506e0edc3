/**
 * A drain waits for an event that a producer keeps open, even where nothing comes after it. The stall names its thread; once that is
 * terminated, the drain resolves.
 *
 * @stdout ^producer on thread \d+, drained\n$
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';

const flow = await pipeline({ source: i32, producers: 1, stallMs: 50 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start();
const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() });
await once(worker, 'message');
const draining = flow.drain();
const [{ thread }] = await once(flow, 'stall');
await worker.terminate();
await draining;
console.log(`${thread}, drained`);
