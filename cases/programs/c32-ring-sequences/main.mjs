/**
 * A ring that keeps sequences tells readers, here and on another thread, which items belong together and when all are there.
 *
 * @modes threads inline
 * @stdout ^600 sequences, 400 with items, 120000 items\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { i32, pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';

const startAt = 2 ** 40;
const flow = await pipeline({ source: i32, startAt })
  .process(new URL('./rows.mjs', import.meta.url), { threads: 2 })
  .write(toRing({ capacity: 256, sequences: true }))
  .start({ mode });
const worker = new Worker(new URL('./reader.mjs', import.meta.url), { workerData: flow.reader() });
await once(worker, 'message');
const told = once(worker, 'message');
const counts = Array.from({ length: 600 }, (_, i) => (i % 3 === 0 ? 0 : i));
const publishing = flow.publish(counts).then(() => flow.drain());

let items = 0;
const bySequence = new Map();
for await (const batch of flow.results().batches()) {
  for (let i = 0; i < batch.length; i++) {
    const sequence = batch.sequenceAt(i);
    bySequence.set(sequence, (bySequence.get(sequence) ?? 0) + batch.at(i));
  }
  items += batch.length;
}
await publishing;
const expected = counts.flatMap((n, i) => (n === 0 ? [] : [[startAt + i, (n * (n - 1)) / 2]]));
assert.deepEqual([...bySequence], expected);
assert.deepEqual((await told)[0], expected);
console.log(`${counts.length} sequences, ${expected.length} with items, ${items} items`);
