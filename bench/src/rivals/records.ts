/**
 * The records in which the rivals' batches carry items: `[sequence, count, values…]`, all 32-bit. An event without items has no
 * record, and an event may continue in a second record of the same sequence.
 */
import type { Kernel } from '../workloads/kernel.ts';
import { type Answer, fold } from '../workloads/w1.ts';

const RECORD_HEADER_WORDS = 2;

/** Writes records of the events [begin, end) into buffers of a fixed size, and can go on in the next one at any item. */
export class RecordWriter {
  readonly #kernel: Kernel;
  #seq = 0;
  #end = 0;
  #count = 0;
  #next = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  begin(begin: number, end: number): void {
    this.#seq = begin;
    this.#end = end;
    this.#count = 0;
    this.#next = 0;
  }

  get done(): boolean {
    return this.#seq === this.#end;
  }

  /** Fills `words` from index `at` on and returns the index after the last word written: short of the end only when `done`. */
  fill(words: Int32Array, at: number): number {
    const kernel = this.#kernel;
    const end = this.#end;
    const limit = words.length - RECORD_HEADER_WORDS;
    let seq = this.#seq;
    let next = this.#next;
    let count = this.#count;
    while (seq < end) {
      if (count === 0) {
        count = kernel.open(seq);
        if (count === 0) {
          seq++;
          continue;
        }
      }
      if (at >= limit) break;
      const run = Math.min(count - next, words.length - at - RECORD_HEADER_WORDS);
      words[at] = seq;
      words[at + 1] = run;
      at += RECORD_HEADER_WORDS;
      kernel.fill(words, at, next, next + run);
      at += run;
      next += run;
      if (next < count) break;
      seq++;
      next = 0;
      count = 0;
    }
    this.#seq = seq;
    this.#next = next;
    this.#count = count;
    return at;
  }
}

/** Folds records into the answer, in the order in which they are handed in. */
export class RecordFolder {
  #checksum = 0;
  #items = 0;

  fold(words: Int32Array, from: number, to: number): void {
    let checksum = this.#checksum;
    let items = this.#items;
    let at = from;
    while (at < to) {
      const seq = words[at];
      const count = words[at + 1];
      at += RECORD_HEADER_WORDS;
      for (const end = at + count; at < end; at++) checksum = fold(checksum, seq, words[at]);
      items += count;
    }
    this.#checksum = checksum;
    this.#items = items;
  }

  answer(): Answer {
    return { checksum: this.#checksum >>> 0, items: this.#items };
  }
}
