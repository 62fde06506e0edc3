/**
 * A full ring is filled again when as much is free as `readyAt` says, and the last items come though there are fewer of them.
 *
 * @modes threads inline
 * @stdout ^1003 items; at a quarter read: 64 published; at half of it: 96\n$
 */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { i32, pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32, capacity: 1_024 })
  .process(new URL('./double.mjs', import.meta.url), { threads: 1 })
  .write(toRing({ capacity: 64, readyAt: 0.5 }))
  .start({ mode });
await flow.publish(Array.from({ length: 1_003 }, (_, n) => n));
const until = async (published) => {
  while (flow.published < published || flow.stats().threads[1].waiting !== 'demand') await turn();
};
await until(64);

const items = [];
const seen = [];
let draining;
for await (const batch of flow.results().batches()) {
  // The ring holds four batches. One that is asked for gives the one before it back.
  // Time for what is not to happen.
  if (items.length === 16) for (let i = 0; i < 50; i++) await turn();
  if (items.length === 32) await until(96);
  if (items.length === 16 || items.length === 32) seen.push(flow.published);
  if (items.length === 32) draining = flow.drain();
  items.push(...batch);
}
await draining;
assert.deepEqual(
  items,
  items.map((_, n) => n * 2),
);
console.log(`${items.length} items; at a quarter read: ${seen[0]} published; at half of it: ${seen[1]}`);
