/**
 * With `checked`, nothing reaches items outside of the open claim, and no value that `emit` refuses: not by a part of `items`
 * either (`subarray`), or by what moves items (`copyWithin`, `sort`). These were not checked.
 *
 * @modes threads inline
 * @stdout ^EMIT_REFUSED EMIT_REFUSED EMIT_REFUSED EMIT_REFUSED OUT_OF_RANGE\n20 items$
 */
import assert from 'node:assert/strict';
import { pipeline, sequences } from 'millrace';
import { mode } from '../../support/case.mjs';

const items = [];
const flow = await pipeline({ source: sequences(5) })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void items.push(...batch))
  .start({ mode });
await flow.ended;
assert.deepEqual(
  items,
  Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? -1 : 7)),
);
process.stdout.write(`${items.length} items`);
