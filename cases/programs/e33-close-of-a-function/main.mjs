/**
 * A writer function that collects rows before it inserts them gets `close` after the last batch, and `drain` waits for it.
 *
 * @modes threads inline
 * @stdout ^1200 rows, all of them\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const rows = [];
let kept = [];
const insert = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  rows.push(...kept.splice(0));
};
const start = (close) =>
  pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(
      async (batch) => {
        kept.push(...batch);
        if (kept.length >= 500) await insert();
      },
      { close },
    )
    .start({ mode });

const flow = await start(insert);
await flow.publish(Array.from({ length: 1_200 }, (_, i) => i));
await flow.drain();
assert.deepEqual(
  rows,
  Array.from({ length: 1_200 }, (_, i) => i),
);

// What `close` throws fails the flow; one that waits for itself is told.
kept = [];
const failing = await start(() => {
  throw new Error('mine');
});
const { code, cause } = await rejection(failing.drain());
assert.deepEqual([code, cause.message], ['WRITER_FAILED', 'mine']);
const itself = await start(() => itself.drain());
assert.equal((await rejection(itself.drain())).cause.code, 'WAITS_FOR_ITSELF');

// For a function only.
const module = pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url))
  .write(new URL('./processor.mjs', import.meta.url), { close() {} });
assert.match((await rejection(module.start({ mode }))).message, /write\.close is for a writer that is a function/);
console.log(`${rows.length} rows, all of them`);
