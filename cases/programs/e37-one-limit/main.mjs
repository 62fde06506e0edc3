/**
 * An event, or an item of a destination ring, of varying length takes half of `dataBytes` at most, and that much always,
 * wherever the ring stands.
 *
 * @modes threads inline
 * @stdout ^one limit everywhere\n$
 */
import assert from 'node:assert/strict';
import { bytes, pipeline, toRing } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const half = 32 * 1024;
for (const producers of [0, 1]) {
  const flow = await pipeline({ source: bytes(), dataBytes: 2 * half, producers })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ dataBytes: 2 * half }))
    .start({ mode });
  let read = 0;
  const reading = (async () => {
    for await (const item of flow.results()) read += item.length;
  })();
  let published = 0;
  for (let position = 0; position < 60; position++) {
    for (const length of [half + 1, half + 8, 2 * half - 8, 2 * half]) {
      const { code, message } = await rejection(flow.publish(Buffer.alloc(length)));
      assert.equal(code, 'EVENT_REFUSED');
      assert.match(message, new RegExp(`takes ${half} at most: give the pipeline dataBytes ${4 * half} or more`));
    }
    for (const length of [half, (997 * position) % half]) {
      await flow.publish(Buffer.alloc(length));
      published += length;
    }
    await flow.settled();
  }
  await flow.drain();
  await reading;
  assert.equal(read, published);
}
console.log('one limit everywhere');
