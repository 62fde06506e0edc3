/**
 * Skips of every size, more than a ring holds and more than it marks at a time, before, between and after events, to the end of
 * the source; while processors are killed. Every event keeps its number. Counts that are none are refused.
 *
 * @modes threads inline
 * @stdout ^every event has its number\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, sequences, toRing } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';

const start = (options, name) =>
  pipeline({ restarts: { max: 1_000, delayMs: 0, perEvent: 1_000 }, ...options })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 2, export: name })
    .write(toRing({ capacity: 1_024 }))
    .start({ mode });

{
  const startAt = 2 ** 32 - 500;
  const flow = await start({ source: i32, capacity: 64, startAt }, 'numbers');
  const reading = collect(flow.results());
  for (const count of [-1, Number.NaN, 0.5, '1', undefined, null, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.throws(() => flow.trySkip(count), { code: 'BAD_OPTIONS', message: /an integer from 0 on/ });
    assert.equal((await rejection(flow.skip(count))).code, 'BAD_OPTIONS');
  }
  let next = startAt;
  const expected = [];
  const kills = [];
  for (let round = 0; round < 200; round++) {
    const gap = [0, 1, 1, 2, 63, 64, 65, 1_000][round % 8];
    await flow.skip(gap);
    next += gap;
    await flow.publish(round);
    expected.push({ sequence: next++, n: round });
    if (mode === 'threads' && round % 40 === 20) kills.push(flow.kill(`processor ${kills.length % 2}`));
  }
  await flow.skip(300);
  await Promise.all(kills);
  await flow.drain();
  assert.deepEqual(await reading, expected);
  assert.equal(flow.published, next + 300);
  assert.equal(flow.stats().restarts, kills.length);
  assert.throws(() => flow.trySkip(1), { code: 'FLOW_ENDED' });
}

{
  // Every second sequence, in a ring with more slots than it marks ranges.
  const flow = await start({ source: i32, capacity: 2 ** 15 }, 'numbers');
  const reading = collect(flow.results());
  for (let n = 0; n < 30_000; n++) {
    if (!flow.tryPublish(n)) await flow.publish(n);
    if (flow.trySkip(1) === 0) await flow.skip(1);
  }
  await flow.drain();
  const items = await reading;
  assert.equal(items.length, 30_000);
  assert.ok(items.every(({ sequence, n }, i) => n === i && sequence === 2 * i));
}

{
  // Bare sequences are handed out, or skipped.
  const flow = await start({ source: sequences() }, 'bare');
  const reading = collect(flow.results());
  await flow.advance(2);
  await flow.skip(5_000_000);
  await flow.advance(1);
  await flow.drain();
  assert.deepEqual(
    (await reading).map(({ n }) => n),
    [0, 1, 5_000_002],
  );
  const all = await start({ source: sequences(3) }, 'bare');
  const numbers = collect(all.results());
  assert.equal((await rejection(all.skip(1))).code, 'NOT_A_RING_SOURCE');
  await numbers;
  await all.ended;
}
console.log('every event has its number');
