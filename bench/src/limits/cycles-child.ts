/** Starts, uses and ends a flow many times: prints what it left behind. */
import { readdirSync } from 'node:fs';
import { i32, pipeline, toRing } from 'millrace';
import { rssMiB, tell } from './child.ts';

const cycles = Number(process.argv[2]);
/** After these the process has all its code and pools. */
const SETTLED_CYCLES = Math.max(1, Math.min(50, cycles >> 2));

const osThreads = (): number => readdirSync('/proc/self/task').length;
const handles = (): number => process.getActiveResourcesInfo().length;

async function cycle(): Promise<void> {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./echo-processor.js', import.meta.url), { threads: 2 })
    .write(toRing({ codec: i32 }))
    .start();
  await flow.publish([1, 2, 3]);
  const drained = flow.drain();
  let sum = 0;
  for await (const value of flow.results()) sum += value;
  await drained;
  if (sum !== 6) throw new Error(`the flow delivered ${sum} in place of 6`);
}

let before = { rss: 0, threads: 0, handles: 0 };
for (let i = 0; i < cycles; i++) {
  await cycle();
  if (i + 1 === SETTLED_CYCLES) before = { rss: rssMiB(), threads: osThreads(), handles: handles() };
}
tell({ growthMiB: rssMiB() - before.rss, threads: osThreads() - before.threads, handles: handles() - before.handles });
