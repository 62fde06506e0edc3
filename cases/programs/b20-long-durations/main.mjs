/**
 * Durations that are longer than a timer takes, or have no end, are as long as they say; what is no duration is refused.
 *
 * @modes threads inline
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { i32, Nack, pipeline, shutdown, shutdownOn } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const start = (options = {}, process = {}, write = {}) =>
  pipeline({ source: i32, ...options })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, ...process })
    .write(() => setTimeout(30), write)
    .start({ mode });

// A slow writer: with a timer that has overflowed each of these would be over after a millisecond.
for (const ms of [Number.POSITIVE_INFINITY, 2 ** 31, 3e9]) {
  const flow = await start({ stallMs: ms, graceMs: ms });
  flow.on('stall', () => assert.fail('a stall'));
  await flow.publish([1, 2, 3, 4, 5]);
  const report = await shutdown(flow, { deadlineMs: ms });
  assert.deepEqual(report, { published: 5, left: 0, forced: false, error: undefined });
}
// Threads have the grace that was given: the writer ends its promise.
const flow = await start({ graceMs: 3e9 });
await flow.publish([1]);
await flow.stop();
assert.equal(flow.state, 'stopped');

for (const bad of [Number.NaN, -1, 'x', '5', null]) {
  const options = [
    { graceMs: bad },
    { stallMs: bad },
    { ticketMs: bad },
    { restarts: { withinMs: bad } },
    { restarts: { delayMs: bad } },
  ];
  // `null` is no option that was left out, either.
  for (const given of options) assert.match(String(await rejection(start(given))), /BAD_OPTIONS/);
  for (const given of [{ delayMs: bad }, { maxDelayMs: bad }]) {
    assert.match(String(await rejection(start({}, { onError: given }))), /BAD_OPTIONS/);
    assert.match(String(await rejection(start({}, {}, { onNack: given }))), /BAD_OPTIONS/);
  }
  assert.match(String(await rejection(shutdown(flow, { deadlineMs: bad }))), /BAD_OPTIONS.*deadlineMs/);
  assert.throws(() => shutdownOn(flow, { deadlineMs: bad }), /BAD_OPTIONS.*deadlineMs/);
  assert.throws(() => new Nack('busy', { delayMs: bad }), /BAD_OPTIONS.*delayMs/);
}
