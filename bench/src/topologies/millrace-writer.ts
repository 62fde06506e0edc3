import { i32, type Writer, writer } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import { BASE, CHECKSUM, type FlowData, ITEMS } from '../millrace/round-memory.ts';
import { fold } from '../workloads/w1.ts';

export interface TimedFlowData extends FlowData {
  /** When each event was sent, and how long it took until its item was folded; in microseconds. */
  readonly sentUs: Float64Array<SharedArrayBuffer>;
  readonly latenciesUs: Float64Array<SharedArrayBuffer>;
}

let data: TimedFlowData;
const now = sharedClock();

/** Folds, and notes for each event how long it took. */
const timingWriter: Writer<number> = writer<number>({
  input: i32,
  init(context) {
    data = context.data as TimedFlowData;
  },
  write(batch) {
    const { round, sentUs, latenciesUs } = data;
    for (let i = 0; i < batch.length; i++) {
      const seq = batch.sequenceAt(i) - round[BASE];
      round[CHECKSUM] = fold(round[CHECKSUM], seq, batch.at(i));
      latenciesUs[seq] = now() - sentUs[seq];
    }
    round[ITEMS] += batch.length;
  },
});

export default timingWriter;
