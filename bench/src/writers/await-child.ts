/** A flow into a writer that awaits a round trip for each batch: prints how many items a second came through. */
import { pipeline, sequences } from 'millrace';
import type { AwaitData } from './await-writer.ts';
import { expectRight, ITEMS, writerState } from './state.ts';

const [items, threads, maxInFlight] = process.argv.slice(2).map(Number);
const AWAIT_MS = 1;
/** Rows of an insert: processors make as many in far less than a round trip, so that it is the writer that is waited for. */
const ITEMS_OF_A_BATCH = 100;

const data: AwaitData = { state: writerState(), awaitMs: AWAIT_MS };
const flow = await pipeline({ source: sequences(items) })
  .process(new URL('./one-item-processor.js', import.meta.url), { threads })
  .write(new URL('./await-writer.js', import.meta.url), {
    data,
    ...({ maxInFlight, maxItems: ITEMS_OF_A_BATCH } as object),
  })
  .start();
const begin = performance.now();
await flow.drain();
const ms = performance.now() - begin;
expectRight(data.state);
if (data.state[ITEMS] !== items) throw new Error(`${data.state[ITEMS]} items came in place of ${items}`);
console.log(JSON.stringify({ rate: (items / ms) * 1e3 }));
