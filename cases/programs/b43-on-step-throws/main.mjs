/**
 * A step listener of a shutdown that throws, or rejects, is a warning, and everything is delivered; a source whose `next`
 * returns a plain object is read as `for await` reads it.
 *
 * @modes threads inline
 * @stderr MillraceWarning: onStep of a shutdown failed: step 1.*failed: step 2.*failed: step 3
 */
import assert from 'node:assert/strict';
import { i32, pipeline, shutdown } from 'millrace';
import { mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start({ mode });
let n = 0;
await flow.publish({ [Symbol.asyncIterator]: () => ({ next: () => (n < 3 ? { value: n++ } : { done: true }) }) });
const report = await shutdown(flow, {
  onStep(step) {
    if (step === 2) return Promise.reject(new Error(`step ${step}`));
    throw new Error(`step ${step}`);
  },
});
assert.deepEqual(report, { published: 3, left: 0, forced: false, error: undefined });
