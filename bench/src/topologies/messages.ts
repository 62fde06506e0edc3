/** What travels between the stages. Demand flows against the links, everything else along them. */
import type { Work } from '../workloads/kernel.ts';

/** From a stage to the one before it: it can take so many more. */
export type Demand = number;

/** The events [begin, end) to compute. */
export interface Task {
  readonly type: 'task';
  /** Tasks are numbered from 0; the order of the output. */
  readonly ticket: number;
  readonly begin: number;
  readonly end: number;
  /** The events themselves, in shapes where they travel with the task and do not lie in memory that all threads share. */
  readonly events?: Int32Array;
  /** When the producer sent it, in microseconds of the clock that all threads share. */
  readonly sentUs: number;
}

/** What a worker made of a task, as records. */
export interface Batch {
  readonly type: 'batch';
  readonly ticket: number;
  readonly words: Int32Array<ArrayBuffer>;
  readonly sentUs: number;
}

/** From a dispatcher to the writer: the next ticket comes from this worker. */
export interface Announcement {
  readonly type: 'announcement';
  readonly worker: number;
}

export type Item = Task | Batch | Announcement;

/** One round of all stages. */
export interface TopologySetting {
  readonly work: Work;
  readonly events: number;
  readonly eventsPerTask: number;
  /** Sends one task every few milliseconds, to see the latency of an idle flow; 0 sends as fast as demand allows. */
  readonly taskEveryMs: number;
}
