/**
 * Threads attach one after the other in the same place, while the main thread asks for handles, and so for threads that have
 * ended: none that lives loses its place to the number of the one before it.
 *
 * @stdout ^every thread kept its place\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { attachProducer, i32, pipeline } from 'millrace';
import { until } from '../../support/case.mjs';

const flow = await pipeline({ source: i32, producers: 1 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start();
for (let i = 0; i < 20; i++) {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const handle = flow.producer();
  const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: { handle, words } });
  await until(() => Atomics.load(words, 0) > 0);
  while (Atomics.load(words, 0) === 1) flow.producer();
  assert.throws(() => attachProducer(flow.producer(), i32), { code: 'NO_PLACE_LEFT' });
  Atomics.store(words, 0, 3);
  Atomics.notify(words, 0);
  await once(worker, 'exit');
}
await flow.drain();
console.log('every thread kept its place');
