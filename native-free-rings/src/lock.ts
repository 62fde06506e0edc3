import { compareExchange, exchange, load, notify, pause, type Words, wait, waitAsync } from '#atomics';

const FREE = 0;
const HELD = 1;
const CONTENDED = 2;
const STATE_MASK = 3;
/** Changed by `wake`, so that whoever is about to sleep on the word as it was looks again. */
const NUDGE = 4;
const OWNER_SHIFT = 3;
const TRIES = 100;

const never = (): boolean => false;

/**
 * A lock for a few dozen instructions, which passes the ownership of other words from thread to thread (the three-state
 * futex mutex of Drepper, "Futexes Are Tricky", 2011). Nobody runs a user's code while holding it. A thread that is
 * terminated between `acquire` and `release` leaves it held for good; the word then says which one it was, and who waits
 * can be told to stop waiting.
 *
 *   word 0  owner << 3 | nudge << 2 | state    state 0: free (and the word is 0), 1: held, 2: held and somebody may sleep for it
 *           Owners: whoever holds it; of the state and the nudge, by compareExchange, those who wait, and who wakes them.
 *           Starts at 0. Taking it makes visible whatever was written before it was last released.
 */
export class Lock {
  private readonly words: Words;
  private readonly index: number;
  private readonly held: number;

  /** `owner`: the number by which the word names this thread while it holds the lock, from 1 to 2^28 - 1; 0: not told. */
  constructor(words: Words, index: number, owner = 0) {
    this.words = words;
    this.index = index;
    this.held = (owner << OWNER_SHIFT) | HELD;
  }

  /** A bounded try, for a thread that must not block. */
  tryAcquire(): boolean {
    for (let i = 0; i < TRIES; i++) {
      if (compareExchange(this.words, this.index, FREE, this.held) === FREE) return true;
      pause();
    }
    return false;
  }

  /** Blocks until the lock is held, or `stopped` is true (then call `wake`): false. Not for the main thread. */
  acquire(stopped: () => boolean = never): boolean {
    if (this.tryAcquire()) return true;
    for (;;) {
      const seen = this.contend();
      if (seen === FREE) return true;
      if (stopped()) return false;
      wait(this.words, this.index, seen);
    }
  }

  /** The same without blocking. */
  async acquireAsync(stopped: () => boolean = never): Promise<boolean> {
    if (this.tryAcquire()) return true;
    for (;;) {
      const seen = this.contend();
      if (seen === FREE) return true;
      if (stopped()) return false;
      const waiting = waitAsync(this.words, this.index, seen);
      if (waiting.async) await waiting.value;
    }
  }

  release(): void {
    // All of them: one alone might be a busy event loop, or a thread that dies now, and the others would sleep on.
    if ((exchange(this.words, this.index, FREE) & STATE_MASK) === CONTENDED) notify(this.words, this.index);
  }

  /** Whoever waits looks at its `stopped`. */
  wake(): void {
    const seen = load(this.words, this.index);
    // Who is not there yet looks at `stopped` after it has said that it waits.
    if ((seen & STATE_MASK) === CONTENDED) compareExchange(this.words, this.index, seen, seen ^ NUDGE);
    // In any case: a thread that died between the two steps of `release` left sleepers behind.
    notify(this.words, this.index);
  }

  /** The number of the thread that holds the lock; 0: nobody, or one that did not tell its number. */
  loadOwner(): number {
    return load(this.words, this.index) >>> OWNER_SHIFT;
  }

  /** Takes the lock where it is free: FREE. Else says that somebody waits, and returns the word to sleep on. */
  private contend(): number {
    let seen = load(this.words, this.index);
    for (;;) {
      // Others that slept for it are awake, too: whoever releases it wakes them all.
      const wanted = seen === FREE ? this.held : (seen & ~STATE_MASK) | CONTENDED;
      if (seen === wanted) return seen;
      const before = compareExchange(this.words, this.index, seen, wanted);
      if (before === seen) return seen === FREE ? FREE : wanted;
      seen = before;
    }
  }
}
