/**
 * One AbortSignal for a dozen flows, publishes and replays: no warning, and no listener is left behind.
 *
 * @modes threads inline
 * @stderr ^$
 */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal } from '@millrace/journal';
import { i32, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
const journal = await openEventJournal({ dir, codec: i32 });
await journal.append(1);
const { signal } = new AbortController();
const starts = Array.from({ length: mode === 'inline' ? 12 : 2 }, () =>
  pipeline({ source: i32, capacity: 2 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => {})
    .start({ mode, signal }),
);
const flows = await Promise.all(starts);
const own = new AbortController();
const silent = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
flows[0].pause();
await flows[0].publish([1, 2]);
const waits = [
  ...Array.from({ length: 12 }, () => flows[0].publish([3], { signal: own.signal })),
  ...Array.from({ length: 12 }, () => flows[1].publish(silent(), { signal: own.signal })),
  ...Array.from({ length: 12 }, () => journal.replay({ follow: true, from: 1, signal: own.signal }).next()),
];
const rejections = Promise.all(waits.map(rejection));
await new Promise((resolve) => setTimeout(resolve, 100));
own.abort(new Error('enough'));
assert.deepEqual(new Set((await rejections).map(({ message }) => message)), new Set(['enough']));
flows[0].resume();
await Promise.all(flows.map((flow) => flow.drain()));
await journal.close();
rmSync(dir, { recursive: true });
assert.deepEqual(getEventListeners(signal, 'abort'), []);
assert.deepEqual(getEventListeners(own.signal, 'abort'), []);
