/**
 * A stack overflow in `emit`, wherever it strikes, is a failure of that event alone: it is tried again or given up, what was
 * delivered of it is told exactly, and all other events come out whole.
 *
 * @modes threads inline
 * @stdout ^all other events are whole\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';
import { BAD_ITEMS, GOOD_ITEMS, isBad } from './processor.mjs';

const events = Array.from({ length: 40 }, (_, n) => n);
const itemsOf = (n) => Array.from({ length: isBad(n) ? BAD_ITEMS : GOOD_ITEMS }, (_, i) => n * 100_000 + i);

async function start(name, onError, letters) {
  return await pipeline({ source: i32, deadLetters: letters && ((letter) => void letters.push(letter)) })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 2,
      export: name,
      // Inline, a lane has to hold all items of an event.
      laneBytes: mode === 'inline' ? 2 ** 22 : 2_048,
      batchBytes: 64,
      onError,
      resourceLimits: mode === 'inline' ? undefined : { stackSizeMb: 1 },
    })
    .write(toRing({ capacity: 2 ** 19, dataBytes: name === 'values' ? 2 ** 26 : undefined }))
    .start({ mode });
}

for (const name of mode === 'threads' ? ['structs', 'swallows'] : ['numbers', 'structs', 'values', 'swallows']) {
  const letters = [];
  const flow = await start(name, { attempts: 1, delayMs: 1, otherwise: 'dead-letter' }, letters);
  const reading = collect(flow.results());
  await flow.publish(events);
  await flow.drain();
  const items = (await reading).map((item) => item.n ?? item);
  const given = new Map(letters.map((letter) => [letter.sequence, letter]));
  assert.equal(given.size, letters.length);
  if (name !== 'swallows') assert.ok(given.size > 0, `${name}: nothing overflowed`);
  let at = 0;
  for (const n of events) {
    const letter = given.get(n);
    if (!isBad(n)) assert.equal(letter, undefined, `${name}: event ${n} was given up`);
    const expected = itemsOf(n).slice(0, letter?.item ?? Number.POSITIVE_INFINITY);
    let found = items.slice(at, at + expected.length);
    if (name === 'swallows' && isBad(n) && letter === undefined) {
      // It caught an overflow by which nothing was lost, and went on.
      const before = items.slice(at).findIndex((item) => item < 0);
      found = items.slice(at, at + before + BAD_ITEMS);
      expected.splice(before, BAD_ITEMS, ...Array.from({ length: BAD_ITEMS }, (_, i) => -1 - i));
    }
    assert.deepEqual(found, expected, `${name}: event ${n}`);
    at += found.length;
  }
  assert.equal(at, items.length);
}

// Retried until it does not go so deep.
const retried = await start('retried', { attempts: 20, delayMs: 1 });
const reading = collect(retried.results());
await retried.publish(events);
await retried.drain();
assert.deepEqual(await reading, events.flatMap(itemsOf));
assert.ok(retried.stats().retries > 0);

// Stopped at.
const stopped = await start('numbers', 'stop');
const left = collect(stopped.results()).catch(() => {});
stopped.publish(events).catch(() => {});
const error = await rejection(stopped.ended);
assert.equal(error.code, 'PROCESSOR_FAILED');
assert.ok(isBad(error.sequence), String(error.sequence));
assert.equal(error.cause.name, 'RangeError');
await left;
console.log('all other events are whole');
