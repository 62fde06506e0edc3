/**
 * A block of records, in 32-bit words, as it is transferred by a port or pushed to a ring:
 *
 *     0           1            2
 *     USED_WORDS  ENDS_CHUNK   records …
 */
import { kernelOf } from '../workloads/kernel.ts';
import { chunkCount, type DealtRound } from './chunks.ts';
import { RecordWriter } from './records.ts';

/** How many words the block uses, these two included. */
export const USED_WORDS = 0;
/** 1 in the last block of a chunk. */
export const ENDS_CHUNK = 1;
export const FIRST_RECORD_WORD = 2;

/** Fills blocks with the items of one thread's chunks of a round. */
export class BlockWriter {
  readonly #round: DealtRound;
  readonly #chunks: number;
  readonly #records: RecordWriter;
  #chunk: number;

  constructor(round: DealtRound, thread: number) {
    this.#round = round;
    this.#chunks = chunkCount(round);
    this.#records = new RecordWriter(kernelOf(round.work));
    this.#chunk = thread;
    this.#open();
  }

  get done(): boolean {
    return this.#chunk >= this.#chunks;
  }

  fill(block: Int32Array): void {
    block[USED_WORDS] = this.#records.fill(block, FIRST_RECORD_WORD);
    block[ENDS_CHUNK] = this.#records.done ? 1 : 0;
    if (!this.#records.done) return;
    this.#chunk += this.#round.threads;
    this.#open();
  }

  #open(): void {
    const { events, chunkEvents } = this.#round;
    const begin = Math.min(events, this.#chunk * chunkEvents);
    this.#records.begin(begin, Math.min(events, begin + chunkEvents));
  }
}
