const LARGEST_BATCH_EVENTS = 1024;
const BATCHES_PER_THREAD = 64;

/** Events in a task: 1,024, or fewer where that would leave a thread too few tasks to share the work out evenly. */
export function batchEvents(events: number, threads: number): number {
  return Math.max(1, Math.min(LARGEST_BATCH_EVENTS, Math.ceil(events / (threads * BATCHES_PER_THREAD))));
}
