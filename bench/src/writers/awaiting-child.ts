/** A flow of one item an event into a writer that awaits an answer for each batch: prints how long a batch takes. */
import { pipeline, sequences } from 'millrace';
import type { AwaitingData } from './awaiting-writer.ts';
import { ENOUGH, expectRight, writerState } from './state.ts';

const [maxInFlight, uncounted, counted, threads] = process.argv.slice(2).map(Number);
const ANSWER_MS = 1;
/** Few, so that the answers bound the flow and not the processors. */
const MOST_ITEMS = 100;
/** More than are delivered meanwhile. */
const EVENTS = 500_000_000;

const times = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));
const data: AwaitingData = { state: writerState(), uncounted, counted, times, answerMs: ANSWER_MS };
const flow = await pipeline({ source: sequences() })
  .process(new URL('./one-item-processor.js', import.meta.url), { threads })
  .write(new URL('./awaiting-writer.js', import.meta.url), { data, maxInFlight, maxItems: MOST_ITEMS })
  .start();
const settled = Promise.allSettled([flow.advance(EVENTS)]);
await Atomics.waitAsync(data.state, ENOUGH, 0).value;
await flow.stop();
await settled;
expectRight(data.state);
console.log(JSON.stringify({ msPerBatch: (times[1] - times[0]) / counted }));
