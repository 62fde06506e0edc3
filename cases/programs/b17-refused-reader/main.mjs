/**
 * A second reader is refused, since there is one place; leaving the loop of the first one still stops the flow.
 *
 * @modes threads inline
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(toRing({ readers: 1 }))
  .start({ mode });
const results = flow.results();
assert.throws(() => flow.results(), /NO_PLACE_LEFT/);
await flow.publish([1, 2, 3]);
for await (const _ of results) break;
await flow.ended;
assert.equal(flow.state, 'stopped');
