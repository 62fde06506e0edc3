/**
 * An output that outlives its event takes nothing: an async `process` that has failed while a part of it goes on, and a
 * synchronous one that forgot an `await`. No item appears under another sequence, and the late emit says whose it was.
 *
 * @modes threads inline
 * @stdout ^late emits are refused\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode } from '../../support/case.mjs';

const EVENTS = 60;
const events = Array.from({ length: EVENTS }, (_, n) => n);

/** What the flow delivers, what it gives up, and what late emits were told. */
async function run(name) {
  const told = new Int32Array(new SharedArrayBuffer(4));
  const letters = [];
  const flow = await pipeline({ source: i32, deadLetters: (letter) => void letters.push(letter) })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 2,
      export: name,
      data: told.buffer,
      onError: { attempts: 1, delayMs: 1, otherwise: 'dead-letter' },
    })
    .write(toRing())
    .start({ mode });
  const reading = collect(flow.results());
  await flow.publish(events);
  await flow.drain();
  return { items: await reading, letters, told: told[0] };
}

// At each tenth event one part throws at once and the other emits later, in both attempts.
const parts = await run('parts');
const isBad = (n) => n % 10 === 3;
assert.deepEqual(
  parts.items,
  events.flatMap((n) => (isBad(n) ? [] : [2 * n, 2 * n + 1])),
);
assert.deepEqual(
  parts.letters.map(({ sequence, attempts }) => [sequence, attempts]).sort(([a], [b]) => a - b),
  events.filter(isBad).map((n) => [n, 2]),
);
assert.ok(parts.told > 0, 'no late emit was refused');

const forgotten = await run('forgotten');
assert.deepEqual(forgotten.items, events);
assert.ok(forgotten.told > 0, 'no emit between events was refused');
console.log('late emits are refused');
