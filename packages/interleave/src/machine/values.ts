import type { Journal } from './journal.ts';
import type { Races } from './races.ts';
import { choiceOf } from './variants.ts';

/** One atomic write to a word. */
interface Write {
  readonly value: number;
  readonly before: number;
  readonly thread: number;
  readonly clock: number;
  readonly previous: Write | undefined;
}

/** The writes of each word in their order, for racy loads, which may return a value that is not the last one. */
export class Values {
  private readonly journal: Journal;
  private readonly races: Races;
  private readonly last: (Write | undefined)[];

  constructor(journal: Journal, races: Races, words: number) {
    this.journal = journal;
    this.races = races;
    this.last = new Array<undefined>(words).fill(undefined);
  }

  write(thread: number, word: number, before: number, value: number): void {
    const write = { value, before, thread, clock: this.races.now(thread), previous: this.last[word] };
    this.journal.setReference(this.last, word, write);
  }

  /**
   * The different values that a plain read may return, newest first: back to the last write that happened before the
   * reader's present. (The language allows a compiler to return a later one too; a hint must bear that as well, and the
   * schedule in which the read is later shows it.)
   */
  choices(thread: number, word: number, current: number): number[] {
    const values = [current];
    for (let write = this.last[word]; write !== undefined; write = write.previous) {
      if (!values.includes(write.value)) values.push(write.value);
      const known = this.races.clocks[thread * this.races.threads + write.thread];
      if (write.clock <= known) return values;
      if (write.previous === undefined && !values.includes(write.before)) values.push(write.before);
    }
    return values;
  }

  seenBy(thread: number, word: number, current: number, variant: number): number {
    return this.choices(thread, word, current)[choiceOf(variant)];
  }
}
