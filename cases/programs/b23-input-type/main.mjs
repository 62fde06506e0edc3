/**
 * A program that is given as text runs (`node --input-type=module -e …`), with flags that its threads get, and `start` resolves
 * when the coordinator is ready, too.
 *
 * @stdout ^0 restarts, \[1,4,9\], the threads have the flag\n$
 */
import { spawnSync } from 'node:child_process';

const text = `
  import { i32, pipeline, toRing } from 'millrace';
  const flow = await pipeline({ source: i32 })
    .process(new URL(${JSON.stringify(new URL('./processor.mjs', import.meta.url).href)}), { threads: 1 })
    .write(toRing())
    .start();
  const items = [];
  const reading = (async () => { for await (const item of flow.results()) items.push(item); })();
  await flow.publish([1, 2, 3]);
  await flow.drain();
  await reading;
  console.log(\`\${flow.stats().restarts} restarts, \${JSON.stringify(items)}, the threads have the flag\`);
`;
const flags = ['--conditions=of-the-user', '--max-old-space-size=500', '--input-type=module', '-e', text];
const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', cwd: import.meta.dirname });
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = status;
