/**
 * A worker that the flow's thread has not started terminates a producer of its own, which has events open. The next thread that
 * attaches sees to it, whether or not a place is free: what the main thread has published comes.
 *
 * @stdout ^0,1,2,3,4 and 0,1,2,3,4\n$
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';
import { until } from '../../support/case.mjs';

const url = new URL('./thread.mjs', import.meta.url);

async function eventsWith(producers) {
  const items = [];
  const flow = await pipeline({ source: i32, producers, stallMs: 0 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write((batch) => void items.push(...batch))
    .start();
  const [first, next] = [flow.producer(), flow.producer()];
  const parent = new Worker(url, { workerData: { role: 'parent', handle: first } });
  await once(parent, 'message');
  await flow.publish([0, 1, 2, 3, 4]);
  const heir = new Worker(url, { workerData: { role: 'heir', handle: next } });
  await once(heir, 'message');
  await until(() => items.length === 5);
  await Promise.all([parent.terminate(), heir.terminate()]);
  await flow.drain();
  return items;
}

console.log(`${await eventsWith(1)} and ${await eventsWith(3)}`);
