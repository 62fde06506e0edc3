import { compareExchange, exchange, notify, pause, type Words, wait, waitAsync } from '#atomics';

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;
const TRIES = 100;

/**
 * A lock for a few dozen instructions, which passes the ownership of other words from thread to thread (the three-state
 * futex mutex of Drepper, "Futexes Are Tricky", 2011). Nobody runs a user's code while holding it. A thread that is
 * terminated between `acquire` and `release` leaves it held for good.
 *
 *   word 0  0 free, 1 held, 2 held and somebody may sleep for it. Owners: all, by exchange. Starts at 0.
 *           Taking it makes visible whatever was written before it was last released.
 */
export class Lock {
  private readonly words: Words;
  private readonly index: number;

  constructor(words: Words, index: number) {
    this.words = words;
    this.index = index;
  }

  /** A bounded try, for a thread that must not block. */
  tryAcquire(): boolean {
    for (let i = 0; i < TRIES; i++) {
      if (compareExchange(this.words, this.index, FREE, HELD) === FREE) return true;
      pause();
    }
    return false;
  }

  /** Blocks until the lock is held. Not for the main thread. */
  acquire(): void {
    if (this.tryAcquire()) return;
    while (exchange(this.words, this.index, CONTENDED) !== FREE) wait(this.words, this.index, CONTENDED);
  }

  /** Waits without blocking until the lock is held. */
  async acquireAsync(): Promise<void> {
    if (this.tryAcquire()) return;
    while (exchange(this.words, this.index, CONTENDED) !== FREE) {
      const waiting = waitAsync(this.words, this.index, CONTENDED);
      if (waiting.async) await waiting.value;
    }
  }

  release(): void {
    // All of them: one alone might be a busy event loop, or a thread that dies now, and the others would sleep on.
    if (exchange(this.words, this.index, FREE) === CONTENDED) notify(this.words, this.index);
  }
}
