/**
 * Writers that await a round trip for each batch have eight of them on their way, as a module and as a function. What is published goes up to
 * the first that is not acknowledged, and all of it in the end.
 *
 * @modes threads inline
 * @stdout ^module: 3000 items\nfunction: 3000 items\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';

const TOTAL = 3_000;
const events = Array.from({ length: TOTAL }, (_, i) => i);
const stage = () => pipeline({ source: i32 }).process(new URL('./processor.mjs', import.meta.url), { threads: 2 });

const counts = new Int32Array(new SharedArrayBuffer(12));
const module = await stage()
  .write(new URL('./broker.mjs', import.meta.url), { data: counts.buffer })
  .start({ mode });
await module.publish(events);
await module.drain();
assert.deepEqual([counts[0], counts[2], module.published], [TOTAL, 0, TOTAL]);
assert.ok(counts[1] > 1 && counts[1] <= 8, `${counts[1]} were on their way`);
console.log(`module: ${counts[0]} items`);

const got = [];
const open = new Set();
const flow = await stage()
  .write(
    async (batch) => {
      open.add(batch.sequence);
      const items = batch.toArray();
      await new Promise((resolve) => setTimeout(resolve, (batch.sequence % 3) * 2));
      assert.ok(flow.published <= Math.min(...open), `${flow.published} is published, ${Math.min(...open)} is open`);
      open.delete(batch.sequence);
      got.push(...items);
    },
    { maxInFlight: 8, maxItems: 25 },
  )
  .start({ mode });
await flow.publish(events);
await flow.settled();
assert.equal(flow.published, TOTAL);
await flow.drain();
assert.deepEqual(
  got.sort((a, b) => a - b),
  events,
);
console.log(`function: ${got.length} items`);
