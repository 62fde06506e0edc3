import type { OrderedSetting } from '../harness/contender.ts';

const LARGEST_CHUNK_EVENTS = 4096;
const CHUNKS_PER_THREAD = 128;

/** A round whose chunks of events are dealt out in turn: chunk c belongs to thread c modulo `threads`. */
export interface DealtRound extends OrderedSetting {
  readonly threads: number;
  readonly chunkEvents: number;
}

/** Large chunks where events are many, and at least 128 for each thread, so that all of them end at about the same time. */
export function dealt(setting: OrderedSetting, threads: number): DealtRound {
  const evenly = Math.ceil(setting.events / (threads * CHUNKS_PER_THREAD));
  return { ...setting, threads, chunkEvents: Math.max(1, Math.min(LARGEST_CHUNK_EVENTS, evenly)) };
}

export const chunkCount = ({ events, chunkEvents }: DealtRound): number => Math.ceil(events / chunkEvents);
