/**
 * What is assigned to an item of `next` after an `emit` reaches nothing, wherever the item lies. (It was seen, unless the item
 * had been moved meanwhile.) And that item may be emitted.
 *
 * @modes threads inline
 * @stdout ^12000 items, 0 wrong
 */
import assert from 'node:assert/strict';
import { pipeline, sequences } from 'millrace';
import { mode } from '../../support/case.mjs';

let count = 0;
let wrong = 0;
const flow = await pipeline({ source: sequences(2) })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1, batchBytes: 1_000, laneBytes: 8_192 })
  .write((batch) => {
    for (const { a, b } of batch) if (a !== (count++ >> 1) % 3_000 || b !== 0) wrong++;
  })
  .start({ mode });
await flow.ended;
console.log(`${count} items, ${wrong} wrong`);
assert.equal(wrong, 0);
