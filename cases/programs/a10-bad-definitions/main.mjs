/**
 * A module whose parts are wrong is refused at the start, with all that is wrong. Whatever user code throws, also what cannot
 * be looked at, the flow fails with a MillraceError that names the sequence and the thread.
 *
 * @modes threads inline
 * @stdout ^refused, and told\n$
 */
import assert from 'node:assert/strict';
import { i32, MillraceError, pipeline, toRing } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const PROCESSOR = new URL('./processor.mjs', import.meta.url);
const start = async (name, to = toRing(), options) =>
  await pipeline({ source: i32 }).process(PROCESSOR, { threads: 1, export: name }).write(to, options).start({ mode });

const everything = await rejection(start('wrong'));
assert.equal(everything.code, 'BAD_MODULE');
for (const part of [
  '`input` is "i32"',
  '`output` is 5',
  '`process` is "x"',
  '`interested` is true',
  '`init` is an object',
])
  assert.ok(everything.message.includes(part), everything.message);
assert.match((await rejection(start('empty'))).message, /^\[BAD_MODULE\] .*`process` is missing; give a function$/);
const writer = await rejection(start('throwsProxy', new URL('./writer.mjs', import.meta.url), { export: 'wrong' }));
assert.match(writer.message, /^\[BAD_MODULE\] .*`write` is missing; give a function; `close` is 1; give a function$/);

for (const name of ['throwsProxy', 'throwsGetter', 'throwsNothing', 'rejectsProxy', 'interestedThrowsProxy']) {
  const flow = await start(name);
  flow.publish([1]).catch(() => {});
  const error = await rejection(flow.ended);
  assert.ok(error instanceof MillraceError, name);
  assert.deepEqual([error.code, error.sequence, error.thread], ['PROCESSOR_FAILED', 0, 'processor 0'], name);
  assert.match(error.message, /processor 0 failed on sequence 0: (what was thrown cannot be read|undefined)/, name);
  if (mode === 'threads') break;
}
const flow = await start('good', new URL('./writer.mjs', import.meta.url), { export: 'throwsProxy' });
flow.publish([1]).catch(() => {});
const error = await rejection(flow.ended);
assert.deepEqual([error.code, error.sequence, error.thread], ['WRITER_FAILED', 0, 'writer']);
assert.equal((await rejection(start('initThrowsProxy'))).code, 'MODULE_FAILED');
console.log('refused, and told');
