import type { Journal } from './journal.ts';

/** Two accesses to one byte, at least one of them plain and at least one a write, that nothing orders. */
export interface Race {
  readonly address: number;
  readonly thread: number;
  readonly other: number;
  /** Clock of the other thread at its access: tells which of its accesses it was. */
  readonly otherClock: number;
  readonly how: string;
}

/**
 * Data races by vector clocks, with the happens-before of the JavaScript memory model: an atomic read synchronises with the
 * atomic write whose value it returns. So a store replaces the clock of its word, a read-modify-write joins it first, and
 * a woken thread joins the clock of its notify. (The language also orders the critical sections of wait and notify among
 * each other; code should not lean on that, and here it cannot.)
 *
 * For each thread and byte the clock of its last plain read and write is kept, for each word those of its atomic ones.
 */
export class Races {
  onRace: (race: Race) => void = () => {};

  private readonly journal: Journal;
  readonly threads: number;
  private readonly enabled: boolean;
  /** Row per thread: how much of each other thread happened before its present. */
  readonly clocks: Int32Array;
  /** Row per word: the clock of its last atomic write. */
  private readonly wordClocks: Int32Array;
  private readonly plainReads: Int32Array;
  private readonly plainWrites: Int32Array;
  private readonly atomicReads: Int32Array;
  private readonly atomicWrites: Int32Array;
  /** Words that saw a plain access in any execution; the others need no look at their bytes. */
  private readonly plainWords: Uint8Array;

  constructor(journal: Journal, threads: number, words: number, enabled: boolean) {
    this.journal = journal;
    this.threads = threads;
    this.enabled = enabled;
    this.clocks = new Int32Array(threads * threads);
    for (let thread = 0; thread < threads; thread++) this.clocks[thread * threads + thread] = 1;
    this.wordClocks = new Int32Array(words * threads);
    this.plainReads = new Int32Array(enabled ? words * 4 * threads : 0);
    this.plainWrites = new Int32Array(enabled ? words * 4 * threads : 0);
    this.atomicReads = new Int32Array(enabled ? words * threads : 0);
    this.atomicWrites = new Int32Array(enabled ? words * threads : 0);
    this.plainWords = new Uint8Array(words);
  }

  now(thread: number): number {
    return this.clocks[thread * this.threads + thread];
  }

  /** Ends a step: what the thread does from here on is not covered by what it released before. */
  tick(thread: number): void {
    const own = thread * this.threads + thread;
    this.journal.setWord(this.clocks, own, this.clocks[own] + 1);
  }

  acquire(thread: number, word: number): void {
    this.join(thread, this.wordClocks, word * this.threads);
  }

  release(thread: number, word: number): void {
    this.copyClock(thread, this.wordClocks, word * this.threads);
  }

  /** The thread goes on knowing all that the row of `source` at `offset` knew. */
  join(thread: number, source: Int32Array, offset: number): void {
    const row = thread * this.threads;
    for (let other = 0; other < this.threads; other++) {
      if (source[offset + other] > this.clocks[row + other]) {
        this.journal.setWord(this.clocks, row + other, source[offset + other]);
      }
    }
  }

  copyClock(thread: number, target: Int32Array, offset: number): void {
    const row = thread * this.threads;
    for (let other = 0; other < this.threads; other++) {
      this.journal.setWord(target, offset + other, this.clocks[row + other]);
    }
  }

  atomicRead(thread: number, word: number): void {
    if (!this.enabled) return;
    if (this.plainWords[word] === 1)
      this.againstBytes(thread, word * 4, 4, this.plainWrites, 'reads atomically what was written plainly');
    this.journal.setWord(this.atomicReads, word * this.threads + thread, this.now(thread));
  }

  atomicWrite(thread: number, word: number): void {
    if (!this.enabled) return;
    if (this.plainWords[word] === 1) {
      this.againstBytes(thread, word * 4, 4, this.plainWrites, 'writes atomically what was written plainly');
      this.againstBytes(thread, word * 4, 4, this.plainReads, 'writes atomically what was read plainly');
    }
    this.journal.setWord(this.atomicWrites, word * this.threads + thread, this.now(thread));
  }

  plainRead(thread: number, address: number, length: number): void {
    if (!this.enabled) return;
    this.againstBytes(thread, address, length, this.plainWrites, 'reads plainly what was written plainly');
    this.againstWords(thread, address, length, this.atomicWrites, 'reads plainly what was written atomically');
    this.mark(thread, address, length, this.plainReads);
  }

  plainWrite(thread: number, address: number, length: number): void {
    if (!this.enabled) return;
    this.againstBytes(thread, address, length, this.plainWrites, 'writes plainly what was written plainly');
    this.againstBytes(thread, address, length, this.plainReads, 'writes plainly what was read plainly');
    this.againstWords(thread, address, length, this.atomicWrites, 'writes plainly what was written atomically');
    this.againstWords(thread, address, length, this.atomicReads, 'writes plainly what was read atomically');
    this.mark(thread, address, length, this.plainWrites);
  }

  private againstBytes(thread: number, address: number, length: number, seen: Int32Array, how: string): void {
    const { threads, clocks } = this;
    for (let byte = address; byte < address + length; byte++) {
      for (let other = 0; other < threads; other++) {
        const clock = seen[byte * threads + other];
        if (clock > clocks[thread * threads + other] && other !== thread) {
          this.onRace({ address: byte, thread, other, otherClock: clock, how });
        }
      }
    }
  }

  private againstWords(thread: number, address: number, length: number, seen: Int32Array, how: string): void {
    const { threads, clocks } = this;
    for (let word = address >> 2; word << 2 < address + length; word++) {
      for (let other = 0; other < threads; other++) {
        const clock = seen[word * threads + other];
        if (clock > clocks[thread * threads + other] && other !== thread) {
          this.onRace({ address: Math.max(address, word * 4), thread, other, otherClock: clock, how });
        }
      }
    }
  }

  private mark(thread: number, address: number, length: number, seen: Int32Array): void {
    const now = this.now(thread);
    for (let byte = address; byte < address + length; byte++) {
      this.plainWords[byte >> 2] = 1;
      this.journal.setWord(seen, byte * this.threads + thread, now);
    }
  }
}
