/**
 * An event whose second attempt makes fewer items than were delivered of it, down to none, fails the flow.
 *
 * @modes threads inline
 * @stdout ^3 errors\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

let errors = 0;
for (const again of [0, 1, 100]) {
  const got = [];
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, onError: 'retry', data: { again } })
    .write((batch) => {
      for (let i = 0; i < batch.length; i++) got.push(batch.at(i));
    })
    .start({ mode });
  await flow.publish([0, 1, 2, 3]);
  const error = await rejection(flow.drain());
  assert.equal(error.code, 'PROCESSOR_FAILED');
  assert.equal(error.sequence, 1);
  assert.match(error.message, /has to make the same items of the same event/);
  // Event 0, and what event 1 had delivered before it threw. Nothing of a later event.
  assert.deepEqual(
    got,
    Array.from({ length: got.length }, (_, i) => (i === 0 ? 0 : 1_000_000 + i - 1)),
  );
  errors++;
}
console.log(`${errors} errors`);
