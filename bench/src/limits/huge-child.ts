/** One sequence with `items` items through lanes of 64 KiB: prints by how much the process grew, and checks every item. */
import { pipeline, sequences } from 'millrace';
import { rssMiB, tell } from './child.ts';

const items = Number(process.argv[2]);
const LANE_BYTES = 64 * 1024;
const SEQUENCES = 1_000;
/** Memory is compared with what the flow had after this many items, when its threads and code are there. */
const SETTLED_ITEMS = Math.min(1_000_000, items >> 1);

let delivered = 0;
let wrong = 0;
let before = 0;
let peak = 0;
const flow = await pipeline({ source: sequences(SEQUENCES) })
  .process(new URL('./huge-processor.js', import.meta.url), { threads: 2, laneBytes: LANE_BYTES, data: items })
  .write<number>((batch) => {
    for (let run = 0; run < batch.runs; run++) {
      const sequence = batch.runSequence(run);
      const begin = batch.runBegin(run);
      const first = batch.runFirst(run);
      for (let i = begin; i < batch.runEnd(run); i++) {
        if (batch.at(i) !== (((first + i - begin) * 7 + sequence) | 0)) wrong++;
      }
    }
    const was = delivered;
    delivered += batch.length;
    if (was < SETTLED_ITEMS && delivered >= SETTLED_ITEMS) before = rssMiB();
    // A look at /proc now and then; each batch has a few thousand items.
    else if (before > 0 && (delivered & 0xfffff) < batch.length) peak = Math.max(peak, rssMiB());
  })
  .start();
await flow.ended;
peak = Math.max(peak, rssMiB());
if (wrong > 0 || delivered !== items + SEQUENCES - 1) throw new Error(`${wrong} wrong items, ${delivered} in all`);
tell({ growthMiB: peak - before, rssMiB: peak });
