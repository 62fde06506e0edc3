/**
 * Producer threads are terminated while they publish, again and again, and the main thread publishes as well. It never stands
 * still, and nothing holds the flow: what a producer was at when it died is void, and everything of the main thread comes, in order.
 *
 * @stdout ^the main thread went on, and all of its events came\n$
 * @limit 90
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';

let ticks = 0;
setInterval(() => ticks++, 5).unref();

for (let round = 0; round < 3; round++) {
  const mine = [];
  const flow = await pipeline({ source: i32, producers: 3, capacity: 256, stallMs: 0 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write((batch) => mine.push(...[...batch].filter((n) => n < 0)) && undefined)
    .start();
  let isOver = false;
  let last = 0;
  const publishing = (async () => {
    while (!isOver) await flow.publish([--last, --last, --last]);
  })();
  for (let death = 0; death < 10; death++) {
    const before = ticks;
    const workers = Array.from(
      { length: 2 },
      () => new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await new Promise((resolve) => setTimeout(resolve, 3 + death));
    await Promise.all(workers.map((worker) => worker.terminate()));
    assert.ok(ticks > before);
  }
  isOver = true;
  await publishing;
  await flow.drain();
  assert.deepEqual(
    mine,
    Array.from({ length: -last }, (_, i) => -1 - i),
  );
}
console.log('the main thread went on, and all of its events came');
