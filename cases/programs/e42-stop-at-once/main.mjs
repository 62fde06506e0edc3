/**
 * A stop does not wait for a writer that waits: for its own promise, or for credit. The event `restart` says its pause before it.
 *
 * @modes threads inline
 * @stdout ^promise left, credit left, (inline|pauses 0, 20, 40)\n$
 * @limit 30
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const writer = new URL('./writer.mjs', import.meta.url);
const processor = new URL('./processor.mjs', import.meta.url);
const told = [];
for (const [name, cause] of [
  ['promise', 'ack'],
  ['credit', 'demand'],
]) {
  // Ten minutes: a stop that waited for it would be killed by the time limit.
  const flow = await pipeline({ source: i32, graceMs: 600_000 })
    .process(processor, { threads: 1 })
    .write(writer, { export: name })
    .start({ mode });
  await flow.publish([1, 2, 3]);
  await until(() => flow.stats().threads.find((thread) => thread.name === 'writer').waiting === cause);
  await flow.stop();
  assert.equal(flow.state, 'stopped');
  told.push(`${name} left`);
}
if (mode === 'inline') told.push('inline');
else {
  const pauses = [];
  const flow = await pipeline({ source: i32, restarts: { delayMs: 20, perEvent: 4 } })
    .process(processor, { threads: 1, data: 'dies' })
    .write(() => {})
    .start();
  flow.on('restart', (_thread, _cause, { delayMs, deaths }) => pauses.push([deaths, delayMs]));
  flow.publish([1]).catch(() => {});
  await flow.ended.catch((error) => assert.equal(error.code, 'THREAD_DIED'));
  assert.deepEqual(
    pauses.map(([deaths]) => deaths),
    [1, 2, 3],
  );
  told.push(`pauses ${pauses.map(([, delayMs]) => delayMs).join(', ')}`);
}
console.log(told.join(', '));
