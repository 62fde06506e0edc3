import workerpool from 'workerpool';
import { type BatchTask, computeBatch } from './whole-batch.ts';

workerpool.worker({
  compute(task: BatchTask) {
    const words = computeBatch(task);
    return new workerpool.Transfer(words, [words.buffer]);
  },
});
