/**
 * What the user preloads by flag or NODE_OPTIONS is loaded on the main thread, the processor and the writer, and on no thread of
 * the library's own: neither on the coordinator nor on the one that writes a journal.
 *
 * @stdout ^(loaded\n){3}flag\n(loaded\n){3}NODE_OPTIONS\n$
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJournal } from '@millrace/journal';
import { i32, pipeline } from 'millrace';

if (process.argv[3] === 'child') await runFlow();
else {
  const preload = new URL('./preload.mjs', import.meta.url).href;
  runChild('flag', ['--import', preload], process.env);
  runChild('NODE_OPTIONS', [], { ...process.env, NODE_OPTIONS: `--import ${preload}` });
}

function runChild(what, flags, env) {
  const { status } = spawnSync(process.execPath, [...flags, process.argv[1], 'threads', 'child'], {
    env,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  console.log(what);
}

async function runFlow() {
  const dir = mkdtempSync(join(tmpdir(), 'b23-'));
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toJournal({ dir }))
    .start();
  await flow.publish([1, 2, 3]);
  await flow.drain();
  rmSync(dir, { recursive: true });
}
