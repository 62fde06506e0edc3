import type { LatencyTable } from './latency.ts';
import type { Day } from './market.ts';

/** The work, the same for every run. */
export interface Job {
  readonly days: readonly Day[];
  /** Pairs of antithetic paths for each interesting day: the amount of work. */
  readonly pathPairs: number;
}

/** How far a run is. */
export interface Progress {
  readonly events: number;
  readonly items: number;
  /** What the oldest unfinished day waits for, where the runtime knows. */
  readonly headOfLine?: string;
}

/** What a run did. */
export interface Run {
  readonly title: string;
  readonly file: string;
  readonly seconds: number;
  readonly events: number;
  readonly items: number;
  /** Undefined where nobody measured them. */
  readonly latencies: LatencyTable | undefined;
}
