/**
 * Options are taken at the start: `data` that is changed or transferred later does not reach a successor.
 *
 * @modes threads inline
 * @stdout ^1,2,3 given\n1,2,3 given\n$
 */
import assert from 'node:assert/strict';
import { pipeline, value } from 'millrace';
import { mode } from '../../support/case.mjs';

const buffer = new Uint8Array([1, 2, 3]).buffer;
const data = { name: 'given', buffer };
const options = { threads: 1, data };
const told = [];
const starting = pipeline({ source: value(), restarts: { delayMs: 0 } })
  .process(new URL('./processor.mjs', import.meta.url), options)
  .write((batch) => void told.push(...batch))
  .start({ mode });
data.name = 'changed';
options.data = undefined;
const flow = await starting;
await flow.publish('before');
await flow.settled();
structuredClone(buffer, { transfer: [buffer] });
if (mode === 'threads') {
  const restarted = new Promise((resolve) => flow.once('restart', resolve));
  await flow.kill('processor 0');
  await restarted;
}
await flow.publish('after');
await flow.drain();
assert.equal(buffer.byteLength, 0);
for (const each of told) console.log(each);
