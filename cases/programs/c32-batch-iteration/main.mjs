/**
 * What iterating a batch gives stays as it is: in a writer function, and of results in batches.
 *
 * @modes threads inline
 * @stdout ^6 rows, 6 rows, 6 views, 1 object\n$
 */
import assert from 'node:assert/strict';
import { pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';
import { Row } from './rows.mjs';

const expected = Array.from({ length: 6 }, (_, n) => ({ n, half: n / 2 }));
const stage = () => pipeline({ source: Row }).process(new URL('./rows.mjs', import.meta.url), { threads: 1 });

const rows = [];
let views = 0;
const objects = new Set();
const flow = await stage()
  .write((batch) => {
    rows.push(...batch);
    for (const view of batch.views()) {
      views += view.n === expected[views].n ? 1 : 0;
      objects.add(view);
    }
  })
  .start({ mode });
await flow.publish({ n: 6, half: 3 });
await flow.drain();
assert.deepEqual(rows, expected);

const read = [];
const second = await stage().write(toRing()).start({ mode });
await second.publish({ n: 6, half: 3 });
const draining = second.drain();
for await (const batch of second.results().batches()) read.push(...batch);
await draining;
assert.deepEqual(read, expected);
console.log(`${rows.length} rows, ${read.length} rows, ${views} views, ${objects.size} object`);
