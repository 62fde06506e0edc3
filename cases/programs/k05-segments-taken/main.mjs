/**
 * `batch.segments` is its user's: who takes segments off the array, turns it round, or freezes it, changes nothing of what the flow
 * does with the batch.
 *
 * @modes threads inline
 * @stdout ^five ways, each item once\n$
 */
import assert from 'node:assert/strict';
import { i32, Nack, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';

let batches = 0;
for (const takes of [
  ({ segments }) => {
    while (segments.shift());
  },
  ({ segments }) => void segments.pop(),
  async ({ segments }) => void segments.reverse(),
  ({ segments }) => void Object.freeze(segments),
  ({ segments, length }) => {
    segments.length = 0;
    if (batches++ % 2 === 0) throw new Nack('half of it', { item: length >> 1, delayMs: 0 });
  },
]) {
  const got = new Set();
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
    .write(
      (batch) => {
        for (const n of batch) got.add(n);
        return takes(batch);
      },
      { lingerMs: 1, maxItems: 100 },
    )
    .start({ mode });
  await flow.publish(Array.from({ length: 1_000 }, (_, i) => i));
  await flow.drain();
  assert.equal(got.size, 1_000);
  assert.equal(flow.published, 1_000);
}
console.log('five ways, each item once');
