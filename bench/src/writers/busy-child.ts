/** A flow of one item an event into a writer that is slower: prints how many items each of its calls got. */
import { pipeline, sequences } from 'millrace';
import type { BusyData } from './busy-writer.ts';
import { ENOUGH, expectRight, sharedWords, writerState } from './state.ts';

const [calls, threads] = process.argv.slice(2).map(Number);
const CALL_MS = 5;
/** The first calls come before there is a backlog. */
const UNCOUNTED = 20;
/** More than the flow can compute meanwhile. */
const SEQUENCES = 500_000_000;

const data: BusyData = {
  state: writerState(),
  lengths: sharedWords(calls),
  uncounted: UNCOUNTED,
  callMs: CALL_MS,
};
const flow = await pipeline({ source: sequences() })
  .process(new URL('./one-item-processor.js', import.meta.url), { threads })
  .write(new URL('./busy-writer.js', import.meta.url), { data })
  .start();
// It waits for the last of them, and is rejected by the stop.
const advanced = Promise.allSettled([flow.advance(SEQUENCES)]);
await Atomics.waitAsync(data.state, ENOUGH, 0).value;
await flow.stop();
await advanced;
expectRight(data.state);
console.log(JSON.stringify({ lengths: [...data.lengths] }));
