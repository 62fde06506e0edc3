/**
 * Of a writer whose batches were quick, what it collects later, or answers by promises, is published all the same when nothing
 * follows it: `settled` resolves, and a drained flow has published everything.
 *
 * @modes threads inline
 * @stdout ^collected: 20020\nin flight: 20020\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';

for (const [name, options] of [
  ['collected', { lingerMs: 1, maxItems: 10 }],
  ['in flight', { maxInFlight: 8, maxItems: 10 }],
]) {
  let got = 0;
  const flow = await pipeline({ source: i32, capacity: 1_024 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
    .write((batch) => {
      got += batch.length;
      if (name === 'in flight' && got > 20_000) return new Promise((resolve) => setImmediate(resolve));
    }, options)
    .start({ mode });
  await flow.publish(Array.from({ length: 20_000 }, (_, i) => i));
  for (let i = 0; i < 20; i++) {
    await flow.publish(i);
    await flow.settled();
  }
  await flow.drain();
  assert.equal(got, 20_020);
  console.log(`${name}: ${flow.published}`);
}
