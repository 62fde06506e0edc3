/** A flow of one item an event into a writer that is slower: prints how many items each of its calls got. */
import { i32, pipeline, sequences } from 'millrace';
import type { BusyData } from './busy-writer.ts';
import { ENOUGH, expectRight, sharedWords, writerState } from './state.ts';

const [source] = process.argv.slice(2);
const [uncounted, calls, threads] = process.argv.slice(3).map(Number);
const CALL_MS = 5;
/** More than the flow can compute meanwhile. */
const EVENTS = 500_000_000;
const CAPACITY = 65_536;
const WRITER = new URL('./busy-writer.js', import.meta.url);

const data: BusyData = { state: writerState(), lengths: sharedWords(calls), uncounted, callMs: CALL_MS };

function* events(): Generator<number> {
  for (let i = 0; i < EVENTS; i++) yield i;
}

/** Both answer with a promise that is rejected by the stop. */
async function bare() {
  const flow = await pipeline({ source: sequences() })
    .process(new URL('./one-item-processor.js', import.meta.url), { threads })
    .write(WRITER, { data })
    .start();
  return { flow, published: flow.advance(EVENTS) };
}

async function ring() {
  const flow = await pipeline({ source: i32, capacity: CAPACITY })
    .process(new URL('../limits/echo-processor.js', import.meta.url), { threads })
    .write(WRITER, { data })
    .start();
  return { flow, published: flow.publish(events()) };
}

const { flow, published } = await (source === 'ring' ? ring() : bare());
const settled = Promise.allSettled([published]);
await Atomics.waitAsync(data.state, ENOUGH, 0).value;
await flow.stop();
await settled;
expectRight(data.state);
console.log(JSON.stringify({ lengths: [...data.lengths] }));
