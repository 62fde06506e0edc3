/**
 * Two flows on one thread, each into a journal of its own, at the same time.
 *
 * @modes inline threads
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal, toJournal } from '@millrace/journal';
import { pipeline, sequences } from 'millrace';
import { collect, mode } from '../../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const flows = await Promise.all(
  [100, 200].map((events) =>
    pipeline({ source: sequences(events) })
      .process(new URL('processor.mjs', import.meta.url), { threads: 1 })
      .write(toJournal({ dir: join(dir, String(events)) }))
      .start({ mode }),
  ),
);
await Promise.all(flows.map((flow) => flow.drain()));
for (const events of [100, 200]) {
  const items = await collect(openJournal(join(dir, String(events))).items());
  assert.deepEqual(
    items,
    Array.from({ length: events }, (_, i) => i),
  );
}
rmSync(dir, { recursive: true });
