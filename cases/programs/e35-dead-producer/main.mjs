/**
 * Producer threads are terminated while they publish, again and again, and the main thread publishes as well. It never stands
 * still: its timers go on, `stop` settles, and where a producer died holding the source ring a warning names it.
 *
 * @stdout ^the main thread went on\n$
 * @limit 90
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';

const warnings = [];
process.on('warning', (warning) => warnings.push(warning));
let ticks = 0;
setInterval(() => ticks++, 5).unref();

for (let round = 0; round < 3; round++) {
  const flow = await pipeline({ source: i32, producers: 3, capacity: 256, stallMs: 50, graceMs: 200 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => {})
    .start();
  const publishing = (async () => {
    for (;;) await flow.publish([1, 2, 3]);
  })();
  const ended = publishing.catch((error) => error.code);
  let isStuck = false;
  for (let death = 0; death < 10 && !isStuck; death++) {
    const workers = Array.from(
      { length: 2 },
      () => new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await new Promise((resolve) => setTimeout(resolve, 3 + death));
    await Promise.all(workers.map((worker) => worker.terminate()));
    // Is one gone that held something?
    isStuck = flow.headOfLine()?.cause === 'producer';
  }
  if (isStuck) {
    const { thread } = flow.headOfLine();
    assert.match(thread, /^producer on thread \d+$/);
    const before = ticks;
    while (!warnings.some(({ message }) => message.includes(`${thread} has ended`)))
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(ticks > before);
  }
  const draining = flow.drain().catch((error) => error.code);
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (isStuck) await flow.stop();
  assert.ok(['FLOW_ENDED', 'FLOW_STOPPED'].includes(await ended));
  await draining;
}
console.log('the main thread went on');
process.exit(0);
