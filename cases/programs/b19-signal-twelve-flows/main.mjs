/**
 * Twelve flows of a process: one listener for each signal, no warning, and no listener left when the flows have ended.
 *
 * @modes inline
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, shutdownOn } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const flows = [];
for (let i = 0; i < 12; i++) {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => {})
    .start({ mode });
  shutdownOn(flow, { exit: false });
  flows.push(flow);
}
assert.deepEqual([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')], [1, 1]);
await flows.pop().stop();
await until(() => process.listenerCount('SIGTERM') === 1);
process.kill(process.pid, 'SIGINT');
await Promise.all(flows.map((flow) => flow.ended));
await until(() => process.listenerCount('SIGTERM') === 0 && process.listenerCount('SIGINT') === 0);
