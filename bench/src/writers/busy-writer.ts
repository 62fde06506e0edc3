import { i32, type Writer, writer } from 'millrace';
import { CALLS, ENOUGH, sharedWords, take } from './state.ts';

export interface BusyData {
  readonly state: Int32Array<SharedArrayBuffer>;
  /** Calls that come first, while the backlog grows. */
  readonly uncounted: number;
  /** Items of each counted call. */
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly callMs: number;
}

const nothing = sharedWords(1);
let data: BusyData;
let calls = 0;

/** Keeps its thread for a while in each call, as a slow disk does that is written to synchronously. */
const busyWriter: Writer<number> = writer<number>({
  input: i32,
  init(context) {
    data = context.data as BusyData;
  },
  write(batch) {
    const { state, lengths, uncounted, callMs } = data;
    if (state[ENOUGH] === 1) return;
    take(state, batch);
    if (calls++ >= uncounted) lengths[state[CALLS]++] = batch.length;
    if (state[CALLS] === lengths.length) {
      Atomics.store(state, ENOUGH, 1);
      Atomics.notify(state, ENOUGH);
    } else {
      Atomics.wait(nothing, 0, 0, callMs);
    }
  },
});

export default busyWriter;
