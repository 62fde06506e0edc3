/**
 * Two loops on one thread fill the same source, while a third publishes: each that holds an event over an `await` makes the others'
 * calls fail, with what to do; those that commit before they await do not meet.
 *
 * @modes threads inline
 * @stdout ^each loop’s events, in its order\n$
 */
import assert from 'node:assert/strict';
import { pipeline, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';
import { Tick } from '../c20-fill-misuse/processor.mjs';

const flow = await pipeline({ source: Tick, capacity: 4 })
  .process(new URL('../c20-fill-misuse/processor.mjs', import.meta.url), { threads: 2, export: 'ticks' })
  .write(toRing({ capacity: 16 }))
  .start({ mode });
const reading = collect(flow.results());

async function fill(from, count) {
  for (let size = from; size < from + count; size++) {
    const tick = flow.tryNext() ?? (await flow.next());
    tick.size = size;
    flow.commit();
    if (size % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
const many = Array.from({ length: 500 }, (_, i) => ({ price: 0, size: 3_000 + i }));
await Promise.all([fill(1_000, 500), fill(2_000, 500), flow.publish(many), flow.skip(100)]);

const tick = await flow.next();
tick.size = 5_000;
assert.match((await rejection(fill(6_000, 1))).message, /call commit\(\) first, or abort\(\)/);
await new Promise((resolve) => setImmediate(resolve));
flow.commit();
await fill(5_001, 1);
await flow.drain();

const sizes = (await reading).map(({ n }) => n);
for (const [from, count] of [
  [1_000, 500],
  [2_000, 500],
  [3_000, 500],
  [5_000, 2],
]) {
  assert.deepEqual(
    sizes.filter((n) => n >= from && n < from + 1_000),
    Array.from({ length: count }, (_, i) => from + i),
  );
}
assert.equal(sizes.length, 1_502);
assert.equal(flow.published, 1_602);
console.log('each loop’s events, in its order');
