/**
 * Any number of loops may follow one journal: no warning, all of them get all, and they end with the journal's reader.
 *
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal, openJournal } from '@millrace/journal';
import { i32 } from 'millrace';
import { rejection, until } from '../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const journal = await openEventJournal({ dir, codec: i32 });
const reader = openJournal(dir);
const controller = new AbortController();
const got = Array.from({ length: 40 }, () => []);
const loops = got.map((items, i) => rejection(follow(items, i)));
async function follow(items, i) {
  const source =
    i % 2
      ? reader.items({ follow: true, signal: controller.signal })
      : openJournal(dir).items({ follow: true, signal: controller.signal });
  for await (const item of source) items.push(item);
}
for (let i = 0; i < 20; i++) await journal.append(i);
await until(() => got.every((items) => items.length === 20));
controller.abort(new Error('enough'));
for (const loop of loops) assert.equal((await loop).message, 'enough');
await journal.close();
rmSync(dir, { recursive: true });
