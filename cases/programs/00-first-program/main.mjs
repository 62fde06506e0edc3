/**
 * The smallest flow: what is published comes out in order, and the process ends by itself.
 *
 * @modes threads inline
 * @stdout ^1000 squares, in order\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
  .write(toRing())
  .start({ mode });
const [items] = await Promise.all([
  collect(flow.results()),
  flow.publish(Array.from({ length: 1_000 }, (_, i) => i)).then(() => flow.drain()),
]);
assert.deepEqual(
  items,
  Array.from({ length: 1_000 }, (_, i) => i * i),
);
console.log(`${items.length} squares, in order`);
