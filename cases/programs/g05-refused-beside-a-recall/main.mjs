/**
 * Two batches are refused at one time: the first wants its sequence computed again, and the second has taken its first item.
 * That item does not come twice.
 *
 * @modes threads inline
 * @stdout ^20 items, each once\n$
 */
import assert from 'node:assert/strict';
import { i32, Nack, pipeline } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const got = [];
const seen = new Set();
const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
  .write(
    async (batch) => {
      const items = batch.toArray();
      const isFirst = !seen.has(items[0]);
      seen.add(items[0]);
      if (isFirst && items[0] < 8) {
        // Until both are in flight.
        await until(() => seen.has(4), 'the second batch');
        if (items[0] === 0) throw new Nack('wrong', { action: 'recompute' });
        if (items[0] === 4) {
          got.push(4);
          throw new Nack('busy', { item: 1, delayMs: 0 });
        }
      }
      got.push(...items);
    },
    { maxInFlight: 4, maxItems: 4, lingerMs: 5_000 },
  )
  .start({ mode });
flow.pause();
await flow.publish(Array.from({ length: 20 }, (_, i) => i));
flow.resume();
await flow.drain();
assert.deepEqual(
  got.sort((a, b) => a - b),
  Array.from({ length: 20 }, (_, i) => i),
);
assert.equal(flow.published, 20);
console.log(`${got.length} items, each once`);
