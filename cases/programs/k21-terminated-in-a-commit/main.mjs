/**
 * A thread that is terminated in the middle of the commit of many events has published the first of them, or all, or none.
 *
 * @stdout ^always a beginning\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';

for (let run = 0; run < 6; run++) {
  let next = 0;
  const flow = await pipeline({ source: i32, producers: 1, capacity: 2 ** 20 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write((batch) => {
      for (const item of batch) assert.equal(item, next++);
    })
    .start();
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./producer.mjs', import.meta.url), {
    workerData: { handle: flow.producer(), gate },
  });
  await once(worker, 'message');
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  // The commit is under way: this thread must not give the core away.
  for (const until = performance.now() + 0.5 + run; performance.now() < until; );
  await worker.terminate();
  await flow.drain();
}
console.log('always a beginning');
