/**
 * Timers and promises of a processor's and a writer's thread move on, while the thread sleeps and while it has work to do.
 *
 * @stdout ^3 threads served\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { until } from '../../support/case.mjs';

const EVENTS = 2_000;
const module = new URL('./modules.mjs', import.meta.url);
let served = 0;

for (const [name, isWriter] of [
  ['synchronous', false],
  ['microtasks', false],
  ['slowWriter', true],
]) {
  const words = new Int32Array(new SharedArrayBuffer(12));
  const data = { words: words.buffer };
  const flow = await pipeline({ source: i32 })
    .process(module, { threads: 1, ...(isWriter ? { export: 'plain' } : { export: name, data }) })
    .write(isWriter ? module : () => {}, isWriter ? { export: name, data } : {})
    .start();
  const events = Array.from({ length: EVENTS }, (_, i) => i);

  // At rest.
  for (const word of [0, 1]) {
    const before = Atomics.load(words, word);
    await until(() => Atomics.load(words, word) > before + 5, `${name}: timer ${word} goes on while the thread sleeps`);
  }

  // Under load.
  const before = [Atomics.load(words, 0), Atomics.load(words, 1)];
  await flow.publish(events);
  await flow.settled();
  const ticks = [Atomics.load(words, 0) - before[0], Atomics.load(words, 1) - before[1]];
  for (const tick of ticks) assert.ok(tick >= 3, `${name}: its timers went on ${ticks} times under load`);
  await until(() => Atomics.load(words, 2) > 0);
  const continued = Atomics.load(words, 2);
  assert.ok(continued > 10, `${name}: ${continued} promises were continued`);
  if (!isWriter) await until(() => Atomics.load(words, 2) === EVENTS, `${name}: every promise is continued`);
  await flow.drain();
  served++;
}
console.log(`${served} threads served`);
