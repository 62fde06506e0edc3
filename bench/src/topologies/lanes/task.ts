/**
 * What lies in the records of the lanes.
 *
 *   task    begin | end | sent, a 64-bit float in microseconds | the events, where they travel with it
 *   batch   sent | records of `rivals/records.ts`; a batch may take several records
 */
import type { Memory } from 'native-free-rings';

export const TASK_BYTES = 16;
export const SENT_BYTES = 8;

export interface LaneTask {
  readonly begin: number;
  readonly end: number;
  readonly sentUs: number;
}

export function writeTask(memory: Memory, at: number, { begin, end, sentUs }: LaneTask): void {
  memory.i32[at >> 2] = begin;
  memory.i32[(at >> 2) + 1] = end;
  memory.f64[(at + SENT_BYTES) >> 3] = sentUs;
}

export const readTask = (memory: Memory, at: number): LaneTask => ({
  begin: memory.i32[at >> 2],
  end: memory.i32[(at >> 2) + 1],
  sentUs: memory.f64[(at + SENT_BYTES) >> 3],
});
