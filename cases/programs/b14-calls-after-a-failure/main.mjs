/**
 * Every call after a failure rejects with it, also where all that had arrived was delivered before: `settled`, and a loop over
 * results whose last item is there. What is no AbortSignal is refused, and so is a `next` that gives no object.
 *
 * @modes threads inline
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const start = (write, options = {}) =>
  pipeline({ source: i32, capacity: 4 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(write)
    .start({ mode, ...options });
const collect = async (results) => {
  for await (const _ of results);
};

const failed = await start(() => {});
await failed.publish(1);
await failed.settled();
failed.tryPublish(-1);
const failure = await rejection(failed.ended);
assert.equal(failure.code, 'PROCESSOR_FAILED');
assert.equal(await rejection(failed.settled()), failure);

const abort = new AbortController();
const aborted = await start(toRing({ codec: i32, capacity: 4 }), { signal: abort.signal });
const results = aborted.results();
const calls = [aborted.publish([1, 2, 3, 4, 5, 6]), aborted.ended, aborted.drain()].map(rejection);
// The threads come to the end of the four events, while this one is busy.
const shared = new Int32Array(new SharedArrayBuffer(4));
if (mode === 'threads') Atomics.wait(shared, 0, 0, 1_000);
const reason = new Error('the reason');
abort.abort(reason);
assert.deepEqual(await Promise.all(calls), [reason, reason, reason]);
assert.equal(await rejection(collect(results)), reason);
assert.equal(await rejection(aborted.settled()), reason);

for (const signal of [{}, 5, null, new AbortController()]) {
  assert.match((await rejection(start(() => {}, { signal }))).message, /BAD_OPTIONS.*start\.signal/s);
}
const flow = await start(() => {});
assert.match((await rejection(flow.publish([1], { signal: {} }))).message, /BAD_OPTIONS.*publish: signal is /);
for (const given of [null, 5]) {
  const source = { [Symbol.asyncIterator]: () => ({ next: () => given }) };
  assert.match((await rejection(flow.publish(source))).message, /next\(\) of an async iterator gave .* and no object/);
}
await flow.drain();
