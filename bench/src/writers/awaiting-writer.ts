import { setTimeout } from 'node:timers/promises';
import { i32, type Writer, writer } from 'millrace';
import { CALLS, ENOUGH, take } from './state.ts';

export interface AwaitingData {
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Calls whose answers come first, and those that are counted; when the first and the last of these came, in milliseconds. */
  readonly uncounted: number;
  readonly counted: number;
  readonly times: Float64Array<SharedArrayBuffer>;
  readonly answerMs: number;
}

let data: AwaitingData;
let answers = 0;

/** Awaits an answer for each batch, as a broker or a database gives one. */
const awaitingWriter: Writer<number> = writer<number>({
  input: i32,
  init(context) {
    data = context.data as AwaitingData;
  },
  async write(batch) {
    const { state, uncounted, counted, times, answerMs } = data;
    if (state[ENOUGH] === 1) return;
    take(state, batch);
    await setTimeout(answerMs);
    answers++;
    if (answers === uncounted) times[0] = performance.now();
    if (answers !== uncounted + counted) return;
    times[1] = performance.now();
    state[CALLS] = counted;
    Atomics.store(state, ENOUGH, 1);
    Atomics.notify(state, ENOUGH);
  },
});

export default awaitingWriter;
