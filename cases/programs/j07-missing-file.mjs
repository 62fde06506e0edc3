/**
 * A file of a journal is gone, the first, one in the middle, or the last: nobody reads past it, and nobody starts anew.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalPosition, openEventJournal, openJournal } from '@millrace/journal';
import { i32 } from 'millrace';
import { collect, rejection } from '../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const whole = join(dir, 'whole');
for (let n = 0; n < 4; n++) {
  const journal = await openEventJournal({ dir: whole, codec: i32 });
  await journal.append(n);
  await journal.close();
}
for (const name of readdirSync(whole)) {
  const folder = join(dir, 'less');
  cpSync(whole, folder, { recursive: true });
  rmSync(join(folder, name));
  for (const look of [
    async () => collect(openJournal(folder).items()),
    async () => openJournal(folder).position(),
    () => journalPosition(folder),
    () => openEventJournal({ dir: folder, codec: i32 }),
  ]) {
    const error = await rejection(look());
    assert.equal(error.code, 'TORN_STORE', `${name}: ${error.message}`);
    assert.match(error.message, /missing/);
  }
  rmSync(folder, { recursive: true });
}
rmSync(dir, { recursive: true });
