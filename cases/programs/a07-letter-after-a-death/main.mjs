/**
 * A thread dies while its dead letter is taken. The letter of its successor names no number of items, which may be wrong.
 *
 * @stdout ^30 events given up, each once more after a death\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { itemsOf } from './processor.mjs';

const EVENTS = 90;
const letters = new Map();
const items = new Map();
const flow = await pipeline({
  source: i32,
  restarts: { max: 1_000, delayMs: 0, perEvent: 1_000 },
  async deadLetters({ sequence, item }) {
    const before = letters.get(sequence) ?? [];
    letters.set(sequence, [...before, item]);
    if (before.length === 0) await flow.kill('processor 0');
  },
})
  .process(new URL('./processor.mjs', import.meta.url), {
    threads: 1,
    laneBytes: 4_096,
    batchBytes: 256,
    onError: 'dead-letter',
  })
  .write((batch) => {
    for (const [i, item] of [...batch].entries()) {
      const sequence = batch.sequenceAt(i);
      items.set(sequence, [...(items.get(sequence) ?? []), item]);
    }
  })
  .start();
await flow.publish(Array.from({ length: EVENTS }, (_, n) => n));
await flow.drain();
for (let n = 0; n < EVENTS; n++) {
  const given = letters.get(n);
  const delivered = items.get(n) ?? [];
  assert.deepEqual(delivered, itemsOf(n).slice(0, delivered.length), `event ${n}`);
  if (n % 3 === 0) {
    assert.equal(given?.length, 2, `event ${n}`);
    // Its successor may show more items of the event than the thread that died, or fewer.
    assert.ok(given[0] <= delivered.length, `event ${n}`);
    assert.equal(given[1], undefined, `event ${n}`);
  } else assert.equal(delivered.length, itemsOf(n).length, `event ${n}`);
}
console.log(`${letters.size} events given up, each once more after a death`);
