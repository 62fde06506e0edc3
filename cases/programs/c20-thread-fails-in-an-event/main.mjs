/**
 * A producer thread throws, leaves by process.exit, or returns between `next()` and `commit()`, or between `claim(n)` and
 * `commit(k)`. What it had open is given back when the thread ends: the flow goes on, its place can be taken again, and a drain
 * delivers what was committed.
 *
 * @stdout ^the flow went on\n$
 */
import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { i32, pipeline, toRing } from 'millrace';
import { collect } from '../../support/case.mjs';
import { Tick } from '../c20-fill-misuse/processor.mjs';

for (const [source, name] of [
  [Tick, 'ticks'],
  [i32, 'numbers'],
]) {
  const flow = await pipeline({ source, producers: 1, capacity: 16 })
    .process(new URL('../c20-fill-misuse/processor.mjs', import.meta.url), { threads: 2, export: name })
    .write(toRing({ capacity: 64 }))
    .start();
  const reading = collect(flow.results());
  for (const how of ['throw', 'exit', 'return']) {
    const worker = new Worker(new URL('./producer.mjs', import.meta.url), {
      workerData: { handle: flow.producer(), how, name },
    });
    worker.on('error', ({ message }) => assert.equal(message, 'mine'));
    await new Promise((resolve) => worker.once('exit', resolve));
    await flow.publish(name === 'ticks' ? { price: 0, size: 2 } : 2);
  }
  await flow.drain();
  assert.deepEqual(
    (await reading).map(({ n }) => n),
    [1, 2, 1, 2, 1, 2],
  );
}
console.log('the flow went on');
