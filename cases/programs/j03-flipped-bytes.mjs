/**
 * Bytes of a journal are flipped, one at a time, in each of its files: a reader gives all of it or throws TORN_STORE, and so does
 * whoever opens it for writing. Nothing is short, nothing is wrong.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journalPosition, openEventJournal, openJournal } from '@millrace/journal';
import { i32 } from 'millrace';
import { collect } from '../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const whole = join(dir, 'whole');
for (const begin of [0, 1_000]) {
  const journal = await openEventJournal({ dir: whole, codec: i32 });
  await journal.appendAll(Array.from({ length: 1_000 }, (_, i) => begin + i));
  await journal.close();
}
const wanted = Array.from({ length: 2_000 }, (_, i) => i);
let torn = 0;
for (const name of readdirSync(whole)) {
  const bytes = readFileSync(join(whole, name));
  const step = Math.ceil(bytes.length / 60) | 1;
  for (let at = 0; at < bytes.length; at += step) {
    const folder = join(dir, 'flipped');
    cpSync(whole, folder, { recursive: true });
    const flipped = Buffer.from(bytes);
    flipped[at] ^= 1 << (at & 7);
    writeFileSync(join(folder, name), flipped);
    for (const look of [
      async () => assert.deepEqual(await collect(openJournal(folder).items()), wanted),
      async () => assert.deepEqual(await journalPosition(folder), { sequence: 2_000, items: 0 }),
      async () => {
        const journal = await openEventJournal({ dir: folder, codec: i32 });
        assert.equal(await journal.append(7), 2_000);
        await journal.close();
      },
    ]) {
      await look().catch((error) => {
        assert.equal(error.code, 'TORN_STORE', `${name} at ${at}: ${error.message}`);
        assert.match(error.message, /restore/);
        torn++;
      });
    }
    rmSync(folder, { recursive: true });
  }
}
assert.ok(torn > 80, `${torn} were noticed`);
rmSync(dir, { recursive: true });
