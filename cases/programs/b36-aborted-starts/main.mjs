/**
 * Flows that are aborted while their threads import leave no descriptor open.
 *
 * @stdout ^8 starts aborted, no descriptor left\n$
 * @limit 120
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { i32, pipeline } from 'millrace';
import { until } from '../../support/case.mjs';

/** Modules that are being read. */
const modulesOpen = () =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return /\.m?js$/.test(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  });

async function abortAnImport() {
  const abort = new AbortController();
  const starting = pipeline({ source: i32, graceMs: 0 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 4 })
    .write(() => {})
    .start({ signal: abort.signal });
  const isSettled = starting.then(
    () => true,
    () => true,
  );
  let isOver = false;
  isSettled.then(() => {
    isOver = true;
  });
  while (!isOver && modulesOpen().length === 0) await new Promise((resolve) => setImmediate(resolve));
  abort.abort(new Error('enough'));
  const flow = await starting.catch((error) => assert.equal(error.message, 'enough'));
  await flow?.stop();
}

if (process.platform === 'linux') {
  for (let i = 0; i < 8; i++) await abortAnImport();
  await until(() => modulesOpen().length === 0, 'no module is open');
}
console.log('8 starts aborted, no descriptor left');
