/**
 * A function has what a module has: `init` that says where its store stands, `commit`, credit, `close` and `dispose`. Each is
 * called as often as it should be, also where the flow is stopped, or fails.
 *
 * @modes threads inline
 * @stdout ^stored 2000\ndrain: init close dispose\nstop: init dispose\nfailure: init dispose\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const stage = (startAt = 0) =>
  pipeline({ source: i32, startAt }).process(new URL('./processor.mjs', import.meta.url), { threads: 2 });

// A store in memory, filled by two flows, one after the other.
const disk = { rows: [], sequence: 0 };
for (const count of [1_200, 800]) {
  let gathered = [];
  let grant;
  const flow = await stage(disk.sequence)
    .write(
      (batch) => {
        gathered.push(...batch);
        grant(batch.length);
      },
      {
        demand: 'credit',
        readyAt: 10,
        maxItems: 100,
        commitItems: 300,
        init(context) {
          grant = (n) => context.ready(n);
          grant(100);
          return { sequence: disk.sequence, items: 0 };
        },
        commit({ sequence }) {
          disk.rows.push(...gathered);
          disk.sequence = sequence;
          gathered = [];
        },
      },
    )
    .start({ mode });
  await flow.publish(Array.from({ length: count }, (_, i) => disk.rows.length + i));
  await flow.drain();
}
assert.deepEqual(
  disk.rows,
  Array.from({ length: 2_000 }, (_, i) => i),
);
console.log(`stored ${disk.rows.length}`);

for (const end of ['drain', 'stop', 'failure']) {
  const calls = [];
  const flow = await stage()
    .write(
      async () => {
        if (end === 'failure') throw new Error('mine');
      },
      {
        maxInFlight: 4,
        init: () => void calls.push('init'),
        close: () => void calls.push('close'),
        dispose: () => void calls.push('dispose'),
      },
    )
    .start({ mode });
  await flow.publish([1, 2, 3]);
  if (end === 'drain') await flow.drain();
  else if (end === 'stop') await flow.stop();
  else assert.equal((await rejection(flow.drain())).code, 'WRITER_FAILED');
  console.log(`${end}: ${calls.join(' ')}`);
}
