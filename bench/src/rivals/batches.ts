import type { OrderedSetting } from '../harness/contender.ts';
import type { Answer } from '../workloads/w1.ts';
import { batchEvents } from './batch-size.ts';
import { orderedWindow } from './ordered-window.ts';
import { RecordFolder } from './records.ts';
import type { BatchTask } from './whole-batch.ts';

const TASKS_IN_FLIGHT_PER_THREAD = 3;

/** Cuts a round into batches for a pool and folds what comes back, in order. */
export async function foldBatches(
  { work, events }: OrderedSetting,
  threads: number,
  submit: (task: BatchTask, index: number) => Promise<Int32Array>,
): Promise<Answer> {
  const size = batchEvents(events, threads);
  const folder = new RecordFolder();
  await orderedWindow(
    Math.ceil(events / size),
    threads * TASKS_IN_FLIGHT_PER_THREAD,
    (index) => submit({ work, begin: index * size, end: Math.min(events, (index + 1) * size) }, index),
    (words) => folder.fold(words, 0, words.length),
  );
  return folder.answer();
}
