/**
 * A processor that assigns `output.sequence` is told; no event is lost.
 *
 * @modes threads inline
 * @stdout ^every event is told of\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';

for (const name of mode === 'threads' ? ['sync'] : ['sync', 'late']) {
  const letters = [];
  const items = [];
  const flow = await pipeline({
    source: i32,
    deadLetters: ({ sequence, cause }) => void letters.push([sequence, cause.name]),
  })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, export: name, onError: 'dead-letter' })
    .write((batch) => void items.push(...batch))
    .start({ mode });
  await flow.publish([0, 1, 2, 3]);
  await flow.drain();
  assert.deepEqual(letters, [
    [1, 'TypeError'],
    [3, 'TypeError'],
  ]);
  assert.deepEqual(items, [0, 2]);
}
console.log('every event is told of');
