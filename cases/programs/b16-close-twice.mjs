/**
 * A journal may be closed by several parts of a program at once. `commitMs: null` of a destination is refused.
 *
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal, toJournal } from '@millrace/journal';
import { i32 } from 'millrace';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const journal = await openEventJournal({ dir, codec: i32 });
const appended = journal.append(1);
await Promise.all([journal.close(), journal.close(), journal[Symbol.asyncDispose]()]);
assert.equal(await appended, 0);
await journal.close();
rmSync(dir, { recursive: true });
assert.throws(() => toJournal({ dir, commitMs: null }), /BAD_OPTIONS/);
