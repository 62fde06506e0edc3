/**
 * What threads print is there: at once while a thread blocks, whole however long it is, and before `ended` settles.
 *
 * @stdout ^at once\nwhile it blocks\n(line \d+ x{1000}\n){400}400 long lines\nbefore a death\nlast words of the writer\nended\n$
 * @stderr ^a processor warns\n$
 */
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { i32, pipeline } from 'millrace';

if (process.argv[3] === 'child') await runFlow();
else watchChild();

/** Lets the processor go on when its lines are here. */
function watchChild() {
  const child = spawn(process.execPath, [process.argv[1], 'threads', 'child'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    process.stdout.write(part);
    text += part;
    if (text === 'at once\nwhile it blocks\n') child.stdin.end('go on');
  });
  child.on('close', (code) => {
    process.exitCode = code;
  });
}

async function runFlow() {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const modules = new URL('./modules.mjs', import.meta.url);
  const flow = await pipeline({ source: i32, restarts: { max: 3 } })
    .process(modules, { threads: 1, data: words.buffer })
    .write(modules, { export: 'store' })
    .start();
  process.stdin.on('data', () => {
    Atomics.store(words, 1, 1);
    Atomics.notify(words, 1);
  });
  await flow.publish([0, 1, 2]);
  await flow.drain();
  // By the descriptor, so that this cannot overtake what threads have printed.
  writeSync(1, 'ended\n');
}
