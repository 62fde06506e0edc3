/**
 * A function that inserts 500 rows at a time collects them by `maxItems` and `lingerMs`: what comes in a burst makes whole batches,
 * a single row comes at its time, and the rest comes with the end.
 *
 * @modes threads inline
 * @stdout ^500 500 500 500, then 1, then 7\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const inserted = [];
const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
  .write((batch) => inserted.push(batch.length), { maxItems: 500, lingerMs: 300 })
  .start({ mode });

// All rows are there before the first is computed.
flow.pause();
await flow.publish(Array.from({ length: 2_000 }, (_, i) => i));
flow.resume();
await flow.settled();
const burst = inserted.splice(0);
await flow.publish(1);
await until(() => flow.published === 2_001, 'one row comes at its time');
const one = inserted.splice(0);
flow.pause();
await flow.publish([1, 2, 3, 4, 5, 6, 7]);
flow.resume();
await flow.drain();
assert.equal(flow.published, 2_008);
console.log(`${burst.join(' ')}, then ${one.join(' ')}, then ${inserted.join(' ')}`);
