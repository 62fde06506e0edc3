/**
 * Threads share the environment where that is asked for; processors are disposed of; and a flow runs where timers are numbers,
 * as in jsdom.
 *
 * @modes threads inline
 * @stdout ^shared, 2 disposed\n$
 */
import assert from 'node:assert/strict';
import { SHARE_ENV } from 'node:worker_threads';
import { collect, mode } from '../../support/case.mjs';

for (const name of ['setTimeout', 'setInterval']) {
  const original = globalThis[name];
  globalThis[name] = (...args) => Number(original(...args));
}
const { pipeline, i32, toRing } = await import('millrace');

const words = new Int32Array(new SharedArrayBuffer(4));
process.env.OF_THE_CASE = 'before';
const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 2, env: SHARE_ENV, data: words.buffer })
  .write(toRing())
  .start({ mode });
process.env.OF_THE_CASE = 'after';
const reading = collect(flow.results());
await flow.publish([1]);
await flow.drain();
assert.deepEqual(await reading, ['after'.length]);
assert.equal(process.env.OF_THE_PROCESSOR, 'here');
console.log(`shared, ${words[0]} disposed`);
