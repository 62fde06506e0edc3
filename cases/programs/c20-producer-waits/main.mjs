/**
 * A producer thread waits for room in `next()`, `claim(n)` or `skip(n)`, in a flow that is paused. A drain, a stop and a revoked
 * handle end the wait with what it is; a resume lets it go on.
 *
 * @limit 120
 * @stdout ^every wait has ended\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline } from 'millrace';
import { until } from '../../support/case.mjs';
import { Tick } from '../c20-fill-misuse/processor.mjs';

const ENDS = { stop: 'FLOW_STOPPED', revoke: 'HANDLE_REVOKED', resume: 'went on' };

for (const how of ['next', 'claim', 'skip']) {
  for (const [end, code] of Object.entries(ENDS)) {
    const flow = await pipeline({ source: how === 'next' ? Tick : i32, producers: 1, capacity: 4 })
      .process(new URL('../c20-fill-misuse/processor.mjs', import.meta.url), {
        threads: 1,
        export: how === 'next' ? 'ticks' : 'numbers',
      })
      .write(() => {})
      .start({ mode: 'inline' });
    flow.pause();
    const handle = flow.producer();
    const words = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: { handle, how, words } });
    const told = once(worker, 'message');
    // It has filled the ring, and then waits: its count stands still.
    await until(() => Atomics.load(words, 0) >= 4);
    for (let before = -1; before !== Atomics.load(words, 0); ) {
      before = Atomics.load(words, 0);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    if (end === 'stop') await flow.stop();
    if (end === 'revoke') flow.revoke(handle);
    if (end === 'resume') flow.resume();
    assert.deepEqual(await told, [code], `${how} and ${end}`);
    await once(worker, 'exit');
    if (end === 'stop') continue;
    flow.resume();
    await flow.drain();
  }
}
console.log('every wait has ended');
