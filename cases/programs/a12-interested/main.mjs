/**
 * `interested` is user code as well: an emit in it, or one that a thing it began makes later, is refused with the sequence,
 * and an answer that is a promise is no answer. Nor is none at all: a `return` is missing.
 *
 * @modes threads inline
 * @stdout ^interested is asked, and no more\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';

const start = async (name, deadLetters) =>
  await pipeline({ source: i32, deadLetters })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 1,
      export: name,
      onError: deadLetters && { attempts: 2, delayMs: 1, otherwise: 'dead-letter' },
    })
    .write(toRing())
    .start({ mode });

const letters = [];
const flow = await start('emits', (letter) => void letters.push(letter));
const reading = collect(flow.results());
await flow.publish([0, 1, 2, 3, 4, 5]);
await flow.drain();
// Event 2 emits in `interested`, event 4 throws there; odd ones are of no interest.
assert.deepEqual(await reading, [0]);
assert.deepEqual(
  letters.map(({ sequence, attempts, item }) => [sequence, attempts, item]),
  [
    [2, 1, 0],
    [4, 3, 0],
  ],
);
assert.equal(letters[0].cause.code, 'EMIT_REFUSED');
assert.match(letters[0].cause.message, /emit in `interested`, which was asked about sequence 2/);

for (const [name, text] of [
  ['promises', 'an object or a promise'],
  ['forgets', 'undefined'],
]) {
  const refused = await start(name);
  refused.publish([0]).catch(() => {});
  const error = await rejection(refused.ended);
  assert.deepEqual([error.code, error.sequence], ['BAD_MODULE', 0]);
  assert.match(error.message, new RegExp(`\`interested\` answered about sequence 0 with ${text}`));
}
console.log('interested is asked, and no more');
