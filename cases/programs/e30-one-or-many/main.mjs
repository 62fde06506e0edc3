/**
 * What is published is one event where the codec of the source takes it as one value, and else many; also things of another
 * realm. A start near the end of the numbers is refused by what is left.
 *
 * @modes threads inline
 * @stdout ^one or many, as the codec says\n$
 */
import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { bytes, i32, pipeline, toRing, value } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';

const flows = { value: value(), bytes: bytes(), i32 };
async function events(kind, ...published) {
  const flow = await pipeline({ source: flows[kind] })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, export: kind })
    .write(toRing())
    .start({ mode });
  const reading = collect(flow.results());
  for (const each of published) await flow.publish(each);
  await flow.drain();
  return await reading;
}

const foreign = runInNewContext('({ map: new Map([[1, 2]]), set: new Set([3, 4]), numbers: Int32Array.of(5, 6) })');
assert.deepEqual(
  await events(
    'value',
    new Map([[1, 2]]),
    new Set([3]),
    foreign.map,
    foreign.set,
    'text',
    [new Set([1]), [2]],
    [3].values(),
  ),
  [new Map([[1, 2]]), new Set([3]), new Map([[1, 2]]), new Set([3, 4]), 'text', new Set([1]), [2], 3],
);
assert.equal((await events('value', Float64Array.of(1, 2)))[0].length, 2);
assert.equal((await events('bytes', Buffer.from('four'), Uint16Array.of(1, 2, 3), [Uint8Array.of(1)])).length, 3);
assert.deepEqual(
  await events('i32', new Set([1, 2]), Int32Array.of(3, 4), foreign.set, foreign.numbers, 7),
  [1, 2, 3, 4, 3, 4, 5, 6, 7],
);

const late = pipeline({ source: i32, startAt: Number.MAX_SAFE_INTEGER - 1 })
  .process(new URL('./processor.mjs', import.meta.url), { export: 'i32' })
  .write(() => {});
const error = await rejection(late.start({ mode }));
assert.equal(error.code, 'BAD_OPTIONS');
assert.match(error.message, /leaves 1 sequences up to 2\^53 - 1/);
console.log('one or many, as the codec says');
