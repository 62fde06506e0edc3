/**
 * A batch as a task returns it: all records of a range in one array. A task has to return everything that it made at once, so
 * its memory is bounded by the size of the range only, not by its output.
 */
import { type Kernel, kernelOf, type Work } from '../workloads/kernel.ts';
import { RecordWriter } from './records.ts';

export interface BatchTask {
  readonly work: Work;
  readonly begin: number;
  readonly end: number;
}

const FIRST_SCRATCH_WORDS = 1 << 16;

let scratch = new Int32Array(FIRST_SCRATCH_WORDS);
let kernel: Kernel | undefined;
let kernelKey = '';

export function computeBatch({ work, begin, end }: BatchTask): Int32Array<ArrayBuffer> {
  const writer = new RecordWriter(kernelFor(work));
  writer.begin(begin, end);
  let length = writer.fill(scratch, 0);
  while (!writer.done) {
    const larger = new Int32Array(scratch.length * 2);
    larger.set(scratch);
    scratch = larger;
    length = writer.fill(scratch, length);
  }
  return scratch.slice(0, length);
}

/** A thread keeps its kernel: its tasks all do the same work. */
function kernelFor(work: Work): Kernel {
  const key = JSON.stringify(work);
  if (!kernel || key !== kernelKey) {
    kernel = kernelOf(work);
    kernelKey = key;
  }
  return kernel;
}
