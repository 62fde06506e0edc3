/**
 * A view of a struct has no fields of its own: who spreads it, an event or an item of a batch, is told, and `toJSON` gives a copy.
 *
 * @modes threads inline
 * @stdout ^spread, assigned: told; copied: \{"n":7,"extra":1\}\n$
 */
import assert from 'node:assert/strict';
import { pipeline, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';
import { Event } from './processors.mjs';

const run = async (name) => {
  const flow = await pipeline({ source: Event })
    .process(new URL('./processors.mjs', import.meta.url), { threads: 1, export: name })
    .write(toRing())
    .start({ mode });
  flow.publish({ n: 7 }).then(
    () => flow.drain(),
    () => {},
  );
  return await collect(flow.results());
};
for (const name of ['spread', 'assigned']) {
  const { code, message } = await rejection(run(name));
  assert.equal(code, 'PROCESSOR_FAILED');
  assert.match(message, /copy `view.toJSON\(\)`/);
}
console.log(`spread, assigned: told; copied: ${JSON.stringify((await run('copied'))[0])}`);
