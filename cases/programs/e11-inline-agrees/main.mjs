/**
 * The inline mode does what the threads do: one event of 80 MB, with an async writer function and with a ring that is read
 * afterwards; producers and readers on other threads; a start at another sequence.
 *
 * @modes threads inline
 * @stdout ^both modes agree\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode } from '../../support/case.mjs';

const count = 20_000_000;
const start = (write, options = {}) =>
  pipeline({ source: i32, ...options })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(write)
    .start({ mode });

for (const kind of ['function', 'ring']) {
  let items = 0;
  const write = async (batch) => {
    await null;
    items += batch.length;
  };
  const flow = await start(kind === 'ring' ? toRing({ capacity: 65_536 }) : write);
  await flow.publish(count);
  const reading = (async () => {
    if (kind === 'ring') for await (const batch of flow.results().batches()) items += batch.length;
  })();
  await flow.publish([1, 2, 1]);
  await flow.drain();
  await reading;
  assert.equal(items, count + 4);
}

const flow = await start(toRing(), { producers: 1, startAt: 1_000 });
const workers = ['producer', 'reader'].map(
  (kind) => new Worker(new URL('./participant.mjs', import.meta.url), { workerData: { kind, handle: flow[kind]() } }),
);
const reading = collect(flow.results());
const told = once(workers[1], 'message');
await once(workers[0], 'message');
await flow.drain();
assert.equal(flow.published, 2_000);
assert.equal((await reading).length, 1_000);
assert.deepEqual(await told, [1_000]);
console.log('both modes agree');
