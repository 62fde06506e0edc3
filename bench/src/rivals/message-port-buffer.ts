import type { OrderedSetting } from '../harness/contender.ts';

/** Buffers are this large: a message costs about 10 µs on its two sides, so a small one would be all message. */
export const BUFFER_BYTES: number = 256 * 1024;
export const BUFFERS_PER_THREAD = 4;

/**
 * A buffer, in 32-bit words:
 *
 *     0           1            2
 *     USED_WORDS  ENDS_CHUNK   records …
 */
export const USED_WORDS = 0;
/** 1 in the last buffer of a chunk. */
export const ENDS_CHUNK = 1;
export const FIRST_RECORD_WORD = 2;

/** Begins a round: the thread computes each chunk whose number, modulo the number of threads, is its own. */
export interface PortRound extends OrderedSetting {
  readonly thread: number;
  readonly threads: number;
  readonly chunkEvents: number;
}
