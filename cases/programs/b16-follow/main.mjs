/**
 * A replay that follows its journal is published: `drain`, `stop` and the journal's `close` each end it while it waits, and the
 * process ends by itself.
 *
 * @modes threads inline
 * @limit 60
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal } from '@millrace/journal';
import { i32, pipeline } from 'millrace';
import { mode, rejection, until } from '../../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const ways = {
  drain: (flow) => flow.drain(),
  stop: (flow) => flow.stop(),
  close: (_flow, journal) => journal.close(),
};
const codes = { drain: 'FLOW_ENDED', stop: 'FLOW_STOPPED', close: 'CLOSED' };
for (const [way, end] of Object.entries(ways)) {
  const folder = join(dir, way);
  const journal = await openEventJournal({ dir: folder, codec: i32 });
  await journal.appendAll([1, 2, 3]);
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => {})
    .start({ mode });
  const publishing = rejection(flow.publish(journal.replay({ follow: true })));
  await until(() => flow.published === 3);
  await end(flow, journal);
  assert.equal((await publishing).code, codes[way]);
  await flow.stop();
  await journal.close();
}
rmSync(dir, { recursive: true });
