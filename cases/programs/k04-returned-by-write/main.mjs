/**
 * A `write` that returns something which has only begun, and for which nobody would wait, is told: a generator, and an array of
 * promises. Other values are nobody's concern.
 *
 * @modes threads inline
 * @stdout ^generator, async generator, promises: refused; a number, an array: taken\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const run = async (write) => {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(write)
    .start({ mode });
  flow.publish([1, 2, 3]).catch(() => {});
  flow.drain().catch(() => {});
  return flow.ended;
};
for (const [write, text] of [
  [function* () {}, /returned a generator/],
  [async function* () {}, /returned a generator/],
  [(batch) => batch.toArray().map(async () => {}), /returned an array of promises/],
]) {
  const error = await rejection(run(write));
  assert.equal(error.code, 'WRITER_FAILED');
  assert.match(error.message, text);
}
for (const write of [(batch) => batch.length, (batch) => batch.toArray(), () => null, () => 'text']) await run(write);
console.log('generator, async generator, promises: refused; a number, an array: taken');
