/**
 * What `process` returns is an item, items, or refused; nothing is dropped.
 *
 * @modes threads inline
 * @stdout ^nothing that was returned is lost\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';

async function start(name) {
  return await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, export: name })
    .write(toRing())
    .start({ mode });
}

async function itemsOf(name, events) {
  const flow = await start(name);
  const reading = collect(flow.results());
  await flow.publish(events);
  await flow.drain();
  return await reading;
}

const expected = {
  object: [{ n: 1 }, { n: 2 }],
  text: ['item 1', 'item 2'],
  number: [1, 4],
  later: [{ n: 1 }, { n: 2 }],
  laterNothing: [2],
  array: [1, 10, 2, 20],
  arrayAsItem: [[1], [2]],
  iterator: [2, 3, 3, 4],
  generator: [1, 2],
  lateGenerator: [1, 2],
  bytes: [new Uint8Array([1]), new Uint8Array([2])],
  map: [new Map([['n', 1]]), new Map([['n', 2]])],
  nothing: [],
  ignored: [1, 2],
  besideArray: [1, 10, 2, 20],
  besideGenerator: [1, 2],
  besideLater: [1, 2],
};
// A thread takes a while to start: the modes share this code, so that on threads some of it is enough.
const some = mode === 'threads' ? ['object', 'laterNothing', 'ignored'] : Object.keys(expected);
for (const name of some) assert.deepEqual(await itemsOf(name, [1, 2]), expected[name], name);

const refused = ['besideObject', 'besideText', 'besideLaterObject', 'besideBytes', 'withoutOutput'];
for (const name of mode === 'threads' ? refused.slice(0, 1) : refused) {
  const flow = await start(name).catch((error) => error);
  if (flow.code !== undefined) assert.fail(`${name} did not start: ${flow}`);
  flow.publish([5]).catch(() => {});
  const error = await rejection(flow.ended);
  assert.deepEqual([error.code, error.sequence, error.thread], ['EMIT_REFUSED', 0, 'processor 0'], `${name}: ${error}`);
  assert.match(error.message, /`process` returned (an object|a string) for sequence 0/);
}

// What the codec does not hold is refused by the codec.
const bad = ['badItem', 'nullItem', 'emptyIsNoItem'];
for (const name of mode === 'threads' ? bad.slice(0, 1) : bad) {
  const flow = await start(name);
  flow.publish([5]).catch(() => {});
  const error = await rejection(flow.ended);
  assert.deepEqual([error.code, error.sequence], ['PROCESSOR_FAILED', 0], name);
  assert.equal(error.cause.name, 'CodecError');
}
console.log('nothing that was returned is lost');
