/**
 * The folder of a journal is deleted while it is open: appends and `close` reject, and a reader that follows is told.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal, openJournal } from '@millrace/journal';
import { i32 } from 'millrace';
import { collect, rejection } from '../support/case.mjs';

for (const durability of ['none', 'batch', 'always']) {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
  const journal = await openEventJournal({ dir, codec: i32, durability });
  await journal.appendAll([1, 2, 3]);
  const following = rejection(collect(openJournal(dir).items({ follow: true })));
  rmSync(dir, { recursive: true });
  const error = await rejection(journal.append(4));
  assert.equal(error.code, 'TORN_STORE');
  assert.match(error.message, /deleted or moved while it was open/);
  assert.equal((await rejection(journal.append(5))).code, 'TORN_STORE');
  assert.equal((await rejection(journal.close())).code, 'TORN_STORE');
  assert.equal((await following).code, 'TORN_STORE');
}
