/**
 * Only the event that kills its thread is given up, after as many deaths and `restart` events as `perEvent` says.
 *
 * @stdout ^perEvent 1: 1 restarts; perEvent 2: 2 restarts; perEvent 3: 3 restarts\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { collect } from '../../support/case.mjs';

const EVENTS = 60_000;
const POISON = 50_000;
const told = [];
for (const perEvent of [1, 2, 3]) {
  const letters = [];
  let restarts = 0;
  const flow = await pipeline({
    source: i32,
    restarts: { perEvent, delayMs: 1 },
    deadLetters: ({ sequence, attempts }) => void letters.push([sequence, attempts]),
  })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 2, data: POISON })
    .write(toRing())
    .start();
  flow.on('restart', () => restarts++);
  const [items] = await Promise.all([
    collect(flow.results()),
    flow.publish(Array.from({ length: EVENTS }, (_, i) => i)).then(() => flow.drain()),
  ]);
  assert.deepEqual(letters, [[POISON, perEvent]]);
  assert.deepEqual(
    items,
    Array.from({ length: EVENTS }, (_, i) => i).filter((i) => i !== POISON),
  );
  told.push(`perEvent ${perEvent}: ${restarts} restarts`);
}
console.log(told.join('; '));
