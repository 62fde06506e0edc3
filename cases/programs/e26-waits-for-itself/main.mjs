/**
 * A flow that is made to wait for itself, or for somebody who does not come, says so: `drain()` and `settled()` inside a
 * writer function or `deadLetters` reject at once; everything else is told by a warning, once, with who waits for what.
 *
 * @modes threads inline
 * @stdout ^each said what is wrong\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { mode, rejection, until } from '../../support/case.mjs';

const warnings = [];
process.on('warning', (warning) => warnings.push(warning));
const warned = async (pattern) => {
  await until(() => warnings.some(({ message }) => pattern.test(message)), `a warning with ${pattern}`);
  // Once for each head.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(warnings.filter(({ message }) => pattern.test(message)).length, 1, String(pattern));
  warnings.length = 0;
};
const start = (write, options = {}, name = 'default') =>
  pipeline({ source: i32, capacity: 16, stallMs: 60, graceMs: 50, ...options })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 1,
      export: name,
      onError: name === 'throws' ? 'dead-letter' : 'stop',
    })
    .write(write)
    .start({ mode });
const many = Array.from({ length: 1_000 }, (_, i) => i);

// At once.
for (const call of ['drain', 'settled']) {
  const flow = await start(async () => {
    await flow[call]();
  });
  const failure = rejection(flow.ended);
  await flow.publish(1);
  const { code, cause } = await failure;
  assert.equal(code, 'WRITER_FAILED');
  assert.equal(cause.code, 'WAITS_FOR_ITSELF');

  const letters = await start(() => {}, { deadLetters: () => letters[call]() }, 'throws');
  const lost = rejection(letters.ended);
  await letters.publish(1);
  const reason = await lost;
  assert.ok([reason.code, reason.cause?.code].includes('WAITS_FOR_ITSELF'), String(reason));
}

// Not awaited there: nothing is wrong with it.
let draining;
const flow = await start(() => {
  draining ??= flow.drain();
});
await flow.publish(1);
await flow.ended;
await draining;

// By a warning: the writer function publishes into a full ring.
const full = await start(async () => {
  await full.publish(many);
});
full.publish(many).catch(() => {});
await warned(/the writer function returned is pending: wait in it for nothing/);
await full.stop();

// `deadLetters` publishes the event again, into a full ring.
const again = await start(() => {}, { deadLetters: (letter) => again.publish([letter.event, ...many]) }, 'throws');
again.publish(many).catch(() => {});
await warned(/`deadLetters` returned is pending/);
await again.stop();

// Nobody reads the results.
const unread = await start(toRing({ capacity: 16 }));
unread.publish(many).catch(() => {});
await warned(/nobody reads it: read flow\.results\(\) while you publish/);
await unread.stop();

// Nobody is warned who listens.
const heard = await start(toRing({ capacity: 16 }));
let stalls = 0;
heard.on('stall', () => stalls++);
heard.publish(many).catch(() => {});
await until(() => stalls > 1);
await heard.stop();
assert.deepEqual(warnings, []);
console.log('each said what is wrong');
