/**
 * User code that never settles at the start or the end is told, with its thread and the time; what it throws comes as an error
 * of Millrace's, with the cause.
 *
 * @modes threads inline
 * @stdout ^topLevel START_TIMEOUT processor 0\ninit START_TIMEOUT processor 0\nclose WRITER_FAILED writer\ndispose WRITER_FAILED writer\nthrowing WRITER_FAILED writer\nletters PROCESSOR_FAILED undefined\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const local = (name) => new URL(name, import.meta.url);

/** What a flow fails of, at its start or as it drains. */
async function failure({ module = './modules.mjs', process, write, deadLetters, startTimeoutMs, ...more }) {
  return await rejection(
    (async () => {
      const flow = await pipeline({ source: i32, startTimeoutMs, deadLetters })
        .process(local(module), { threads: 1, export: process, ...more })
        .write(write === undefined ? () => {} : local('./modules.mjs'), { export: write })
        .start({ mode });
      flow.on('error', () => {});
      await flow.publish([1, 2, 3]);
      await flow.drain();
    })(),
  );
}

// Long enough for threads to start in on a busy machine.
const startTimeoutMs = 5_000;
for (const [name, given] of [
  ['topLevel', { module: './top-level.mjs' }],
  ['init', { process: 'initNeverSettles' }],
  ['close', { write: 'closeNeverSettles' }],
  ['dispose', { write: 'disposeNeverSettles' }],
]) {
  const error = await failure({ ...given, startTimeoutMs });
  console.log(name, error.code, error.thread);
  assert.match(error.message, /after 5000 ms: let the promise settle, or raise `startTimeoutMs`/);
}
const thrown = await failure({ write: 'disposeThrows' });
console.log('throwing', thrown.code, thrown.thread);
assert.equal(thrown.cause, 'only text');
const letters = await failure({
  process: 'throws',
  onError: 'dead-letter',
  deadLetters: () => Promise.reject('only text'),
});
console.log('letters', letters.code, letters.thread);
assert.equal(letters.cause, 'only text');
process.exit();
