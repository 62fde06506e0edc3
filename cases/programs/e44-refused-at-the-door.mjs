/**
 * Options of `start` that are none, and handles that are none or came by JSON, are refused with what is wrong.
 *
 * @stdout ^all refused\n$
 */
import assert from 'node:assert/strict';
import { attachProducer, i32, pipeline } from 'millrace';
import { rejection } from '../support/case.mjs';

const stage = pipeline({ source: i32, producers: 1 })
  .process(new URL('./00-first-program/processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {});
for (const options of [{ mode: 'inlin' }, { mod: 'inline' }, { signal: {} }, { signal: 5 }]) {
  const { code, message } = await rejection(stage.start(options));
  assert.equal(code, 'BAD_OPTIONS');
  assert.ok(message.includes(`start.${Object.keys(options)[0]} is`), message);
}
const flow = await stage.start({ mode: 'inline' });
assert.throws(() => flow.revoke(null), { code: 'BAD_OPTIONS' });
const byJson = JSON.parse(JSON.stringify(flow.producer()));
for (const use of [attachProducer, (handle) => flow.revoke(handle)])
  assert.throws(() => use(byJson), { code: 'BAD_OPTIONS', message: /without its shared memory/ });
await flow.stop();
console.log('all refused');
