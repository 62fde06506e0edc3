/** A flow in which nothing happens: prints the processor time that all threads of the process used meanwhile. */
import { setTimeout } from 'node:timers/promises';
import { i32, pipeline, toRing } from 'millrace';
import { tell } from './child.ts';

const ms = Number(process.argv[2]);
/** V8 still collects what the start left: its memory reducer comes 8 seconds after the last allocation, once. */
const SETTLE_MS = Math.min(15_000, 1.5 * ms);

const flow = await pipeline({ source: i32 })
  .process(new URL('./echo-processor.js', import.meta.url), { threads: 2 })
  .write(toRing({ codec: i32 }))
  .start();
await flow.publish([1, 2, 3]);
await flow.settled();
const results = flow.results()[Symbol.asyncIterator]();
for (let i = 0; i < 3; i++) await results.next();
const waiting = results.next();
await setTimeout(SETTLE_MS);
const begun = process.cpuUsage();
await setTimeout(ms);
const { user, system } = process.cpuUsage(begun);
tell({ cpuMs: (user + system) / 1_000 });
await flow.drain();
await waiting;
