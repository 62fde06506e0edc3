/**
 * A module file that is replaced while the flow runs: a successor with another codec fails the flow, and no garbage is delivered.
 *
 * @stdout ^CODEC_MISMATCH\n$
 */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { i32, pipeline } from 'millrace';
import { rejection } from '../../support/case.mjs';

const file = new URL(`./replaced-${process.pid}.tmp.mjs`, import.meta.url);
const write = (codec) =>
  writeFileSync(
    file,
    `import { i32, f64, processor } from 'millrace';
     export default processor({ input: i32, output: ${codec}, process(n, output) { if (n === 50 && ${codec} === i32) process.exit(1); output.emit(n); } });`,
  );
try {
  write('i32');
  const got = [];
  const flow = await pipeline({ source: i32 })
    .process(file, { threads: 1 })
    .write((batch) => void got.push(...batch.toArray()))
    .start();
  write('f64');
  await flow.publish(Array.from({ length: 100 }, (_, i) => i));
  const error = await rejection(flow.drain());
  assert.match(error.message, /`output` is f64.*, it was i32/);
  assert.deepEqual(
    got,
    Array.from({ length: got.length }, (_, i) => i),
  );
  console.log(error.code);
} finally {
  rmSync(file);
}
