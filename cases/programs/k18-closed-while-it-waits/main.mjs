/**
 * A producer that is closed while its `publishAll` waits for room is told so, and whoever takes its place is woken when there is room.
 *
 * @stdout ^FLOW_ENDED, and then 100\n$
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';

const items = [];
const flow = await pipeline({ source: i32, producers: 1, capacity: 8 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void items.push(...batch))
  .start();
flow.pause();
const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() });
const [code] = await once(worker, 'message');
flow.resume();
await once(worker, 'exit');
await flow.drain();
console.log(`${code}, and then ${items.at(-1)}`);
