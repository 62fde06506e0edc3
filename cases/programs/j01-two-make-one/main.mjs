/**
 * Two processes that make one journal at the same moment: one gets it, the other is refused with IN_USE and nothing else, and
 * what was acknowledged is there.
 *
 * @limit 60
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@millrace/journal';
import { collect } from '../../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const file = fileURLToPath(new URL('opener.mjs', import.meta.url));
for (let round = 0; round < 6; round++) {
  const folder = join(dir, `not/there/yet/${round}`);
  const openers = [0, 1].map((n) =>
    spawn(process.execPath, [file, folder, String(n)], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const ends = openers.map((opener) => once(opener, 'close'));
  const said = openers.map((opener) => {
    let text = '';
    opener.stdout.on('data', (part) => {
      text += part;
    });
    return () => text;
  });
  await Promise.all(openers.map((opener) => once(opener.stdout, 'data')));
  for (const opener of openers) opener.stdin.write('go');
  // The first answer of each; who has the journal keeps it until both have answered.
  while (!said.every((text) => text().split('\n').length > 2)) await new Promise((resolve) => setTimeout(resolve, 2));
  const answers = said.map((text) => text().split('\n')[1]);
  for (const opener of openers) opener.stdin.end();
  await Promise.all(ends);
  assert.deepEqual(answers.toSorted(), ['0', 'IN_USE'], `round ${round}`);
  assert.deepEqual(await collect(openJournal(folder).items()), [answers.indexOf('0')]);
}
rmSync(dir, { recursive: true });
