import type { Journal } from './journal.ts';
import type { Races } from './races.ts';

/** How a sleep stands. */
export const Sleep = { none: 0, queued: 1, notified: 2, over: 3 } as const;

/** What was decided for a sleep when it began. A choice at that moment, so that no later step can take it away. */
export const Fate = {
  /** Until it is notified, or its time-out. */
  none: 0,
  /** The thread dies in this sleep. */
  dies: 1,
  /** Ends without a notify. */
  spurious: 2,
} as const;

const MOST_SLEEPS = 512;
const NOBODY: readonly number[] = [];

/**
 * The lists of threads that sleep on a word, first in first out. A sleep has a number: thread × 512 + how many sleeps that
 * thread had before.
 */
export class Waiters {
  private readonly journal: Journal;
  private readonly races: Races;
  private readonly threads: number;
  private readonly queues: (readonly number[] | undefined)[];
  private readonly counts: Int32Array;
  private readonly states: Int32Array;
  private readonly fates: Int32Array;
  private readonly words: Int32Array;
  /** Position in the execution of the notify that ended the sleep. */
  private readonly notifiedAt: Int32Array;
  /** Clock of that notify, a row per sleep. */
  private readonly clocks: Int32Array;

  constructor(journal: Journal, races: Races, threads: number, words: number) {
    const sleeps = threads * MOST_SLEEPS;
    this.journal = journal;
    this.races = races;
    this.threads = threads;
    this.queues = new Array<undefined>(words).fill(undefined);
    this.counts = new Int32Array(threads);
    this.states = new Int32Array(sleeps);
    this.fates = new Int32Array(sleeps);
    this.words = new Int32Array(sleeps);
    this.notifiedAt = new Int32Array(sleeps);
    this.clocks = new Int32Array(sleeps * threads);
  }

  queue(word: number): readonly number[] {
    return this.queues[word] ?? NOBODY;
  }

  idOf(thread: number, ordinal: number): number {
    return thread * MOST_SLEEPS + ordinal;
  }

  threadOf(id: number): number {
    return Math.floor(id / MOST_SLEEPS);
  }

  stateOf(id: number): number {
    return this.states[id];
  }

  fateOf(id: number): number {
    return this.fates[id];
  }

  notifierOf(id: number): number {
    return this.notifiedAt[id];
  }

  /** Puts the thread at the end of the list. Returns the ordinal of this sleep of the thread; -1 if it had too many. */
  enqueue(thread: number, word: number, fate: number): number {
    const ordinal = this.counts[thread];
    if (ordinal >= MOST_SLEEPS) return -1;
    const id = this.idOf(thread, ordinal);
    this.journal.setWord(this.counts, thread, ordinal + 1);
    this.journal.setWord(this.states, id, Sleep.queued);
    this.journal.setWord(this.fates, id, fate);
    this.journal.setWord(this.words, id, word);
    this.journal.setReference(this.queues, word, [...this.queue(word), id]);
    return ordinal;
  }

  wake(thread: number, id: number, position: number): void {
    this.leave(id);
    this.journal.setWord(this.states, id, Sleep.notified);
    this.journal.setWord(this.notifiedAt, id, position);
    this.races.copyClock(thread, this.clocks, id * this.threads);
  }

  /** The sleeping thread goes on; if it was notified it knows what the notifier knew. */
  finish(thread: number, id: number): void {
    if (this.states[id] === Sleep.queued) this.leave(id);
    if (this.states[id] === Sleep.notified) this.races.join(thread, this.clocks, id * this.threads);
    this.journal.setWord(this.states, id, Sleep.over);
  }

  /** Sleeps of a thread that are queued or notified: at most one, and those of waitAsync. */
  openSleeps(thread: number): number[] {
    const open: number[] = [];
    for (let ordinal = 0; ordinal < this.counts[thread]; ordinal++) {
      const id = this.idOf(thread, ordinal);
      if (this.states[id] === Sleep.queued || this.states[id] === Sleep.notified) open.push(id);
    }
    return open;
  }

  wordOf(id: number): number {
    return this.words[id];
  }

  private leave(id: number): void {
    const word = this.words[id];
    this.journal.setReference(
      this.queues,
      word,
      this.queue(word).filter((other) => other !== id),
    );
  }
}
