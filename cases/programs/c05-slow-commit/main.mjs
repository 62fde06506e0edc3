/**
 * A store whose commit takes longer than `commitMs` makes larger commits, and never smaller ones: the flow keeps up with it.
 *
 * @modes threads inline
 * @stdout ^20000 items, each once and in order; few commits\n$
 */
import assert from 'node:assert/strict';
import { pipeline, u32 } from 'millrace';
import { mode } from '../../support/case.mjs';

const EVENTS = 20_000;
/** 0 commits, 1 items that were committed, 2 items that came out of order. */
const seen = new Int32Array(new SharedArrayBuffer(12));
const flow = await pipeline({ source: u32, capacity: EVENTS })
  .process(new URL('./echo.mjs', import.meta.url), { threads: 2 })
  .write(new URL('./store.mjs', import.meta.url), { data: { memory: seen.buffer, takesMs: 20 } })
  .start({ mode });
await flow.publish(Array.from({ length: EVENTS }, (_, n) => n));
await flow.drain();
const [commits, items, strays] = seen;
assert.equal(strays, 0);
// A commit for each event would take minutes.
assert.ok(commits * 50 <= EVENTS, `${commits} commits for ${EVENTS} events`);
console.log(`${items} items, each once and in order; few commits`);
