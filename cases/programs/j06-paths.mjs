/**
 * What is no path is refused by every call, a folder in which nothing can be made is refused at once, and a reader's options are
 * checked.
 *
 * @limit 20
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalPosition, openEventJournal, openJournal, toJournal } from '@millrace/journal';
import { i32 } from 'millrace';
import { rejection } from '../support/case.mjs';

for (const dir of ['', undefined, null, 5, {}, 'a\0b']) {
  const calls = [
    () => openJournal(dir),
    () => journalPosition(dir),
    () => toJournal({ dir }),
    () => openEventJournal({ dir, codec: i32 }),
  ];
  for (const call of calls) assert.match((await rejection((async () => call())())).message, /BAD_OPTIONS.*dir/);
}
assert.equal((await rejection(openEventJournal({ dir: '/proc/x', codec: i32 }))).code, 'STORE_FAILED');
const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const journal = await openEventJournal({ dir, codec: i32 });
assert.throws(() => journal.replay({ signal: {} }), /BAD_OPTIONS.*signal/);
assert.throws(() => openJournal(dir).items({ folow: true }), /BAD_OPTIONS.*folow/);
await journal.close();
rmSync(dir, { recursive: true });
