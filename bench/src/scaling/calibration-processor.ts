import { i32, type Processor, processor } from 'millrace';
import { hash, work } from '../workloads/w1.ts';

/** What each sequence computes and emits. */
export interface CalibrationWork {
  readonly K: number;
  readonly items: number;
}

let given: CalibrationWork = { K: 0, items: 0 };

const calibrationProcessor: Processor<number, number> = processor<number, number>({
  output: i32,
  init({ data }) {
    given = data as CalibrationWork;
  },
  process(sequence, output) {
    const acc = work(hash(sequence), given.K);
    for (let j = 0; j < given.items; j++) output.emit((acc + j) | 0);
    // The work must not be left out where nothing is emitted.
    if (acc === sequence && given.items < 0) output.emit(acc);
  },
});

export default calibrationProcessor;
