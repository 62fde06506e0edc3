/**
 * A flow that is paused while its writer collects rests: the event loop of the writer's thread turns, here the main thread, and the
 * batch comes after the pause.
 *
 * @modes threads inline
 * @limit 30
 * @stdout ^7 items, after the pause\n$
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { i32, pipeline } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const lengths = [];
const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void lengths.push(batch.length), { lingerMs: 200 })
  .start({ mode });
await flow.publish([1, 2, 3, 4, 5, 6, 7]);
await until(
  () => flow.stats().items === 7 || flow.stats().threads.some(({ waiting }) => waiting === 'linger'),
  'collects',
);
flow.pause();
// Longer than it lingers. A thread that spins would never come to this.
const before = process.cpuUsage();
await setTimeout(2_000);
const { user, system } = process.cpuUsage(before);
assert.ok(user + system < 1_500_000, `${user + system} µs of processor time in a pause of two seconds`);
assert.deepEqual(lengths, []);
assert.equal(flow.headOfLine()?.cause, 'paused');
flow.resume();
await flow.drain();
console.log(`${lengths.reduce((sum, length) => sum + length)} items, after the pause`);
