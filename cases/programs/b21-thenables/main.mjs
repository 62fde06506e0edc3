/**
 * Wherever code of the user's may return a promise it may return any: functions and modules that write, `commit`, `close`, `init`,
 * `dispose`, processors, and takers of dead letters. Each item is delivered once.
 *
 * @modes threads inline
 * @limit 60
 */
import assert from 'node:assert/strict';
import { i32, Nack, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';
import { thenable, thenables } from './thenables.mjs';

const numbers = Array.from({ length: 60 }, (_, i) => i);
let calls = 0;
const any = () => thenables[calls++ % thenables.length]();

async function run(destination, options) {
  const flow = await pipeline({ source: i32, deadLetters: any })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
    .write(destination, options)
    .start({ mode });
  await flow.publish(numbers);
  await flow.drain();
  return flow;
}

const got = [];
await run((batch) => {
  got.push(...batch);
  return any();
});
assert.deepEqual(got, numbers);

const refused = [];
const flow = await run(
  (batch) => {
    // The first item's sequence is given up, and the rest comes again.
    refused.push(batch.at(0));
    // One that rejects, in the same manner.
    return thenable((_, reject) => reject(new Nack('no')));
  },
  { onNack: 'dead-letter' },
);
assert.deepEqual(refused, numbers);
assert.equal(flow.stats().deadLetters, numbers.length);

const items = new Int32Array(new SharedArrayBuffer(numbers.length * 4));
await run(new URL('./writer.mjs', import.meta.url), { data: items.buffer });
assert.deepEqual(
  [...items],
  numbers.map(() => 1),
);
