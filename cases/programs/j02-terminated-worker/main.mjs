/**
 * A worker that runs a journaled flow is terminated, again and again, at any moment: the process lives, `terminate` settles, and the
 * journal is whole.
 *
 * @limit 60
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { journalPosition, openJournal } from '@millrace/journal';
import { collect } from '../../support/case.mjs';

const dir = join(mkdtempSync(join(tmpdir(), 'millrace-case-')), 'journal');
for (let round = 0; round < 12; round++) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: { dir, durability: ['none', 'batch', 'always'][round % 3] },
  });
  const [message] = await once(worker, 'message');
  assert.equal(message, 'started');
  await sleep(3 * round);
  await worker.terminate();
}
const { sequence } = await journalPosition(dir);
assert.ok(sequence > 0);
const all = await collect(openJournal(dir).items());
assert.equal(all.length, sequence);
assert.ok(all.every((item, i) => item === i * 2));
rmSync(dir, { recursive: true });
