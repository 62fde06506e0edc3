import type { Contender } from '../harness/contender.ts';
import type { Answer } from '../workloads/w1.ts';

/**
 * How the thread that makes the load waits for the next scheduled arrival. `spin` is exact and takes a core of its own; `sleep`
 * is late by the time that the system takes to wake a thread (50 µs and more), which every contender's latency then contains.
 */
export type Pacing = 'spin' | 'sleep';

export interface LatencySetting {
  readonly rate: number;
  readonly events: number;
  readonly pacing: Pacing;
}

/** `items` events were published and came back; where that is fewer than the setting's, the rate was more than it could take. */
export interface LatencyResult extends Answer {
  /** For each event, from its scheduled arrival to the moment when the reader had its item. */
  readonly latenciesUs: Float32Array;
}

export type LatencyContender = Contender<LatencySetting, LatencyResult>;

/** Events that may be on their way at once; a contender whose memory is bounded by itself needs no more than its own bound. */
export const WINDOW_EVENTS = 4_096;

/** A round that has not ended by then, after its first arrival, is cut short: its rate cannot be held. */
export const deadlineUs = ({ rate, events }: LatencySetting): number => (events / rate) * 1e6 * 1.5 + 1e6;
