import { compareExchange, load, notify, store, type Words, wait, waitAsync } from '#atomics';
import { RingError } from './errors.ts';
import { isDuration } from './waits/durations.ts';

/** Words that an eventcount takes. */
export const EVENTCOUNT_WORDS = 2;
/** Causes are numbers from 1 to this. */
export const MAX_CAUSE = 15;

/** `wanted` of a sleeper that any waker of its cause may wake by `wakeFor`. */
export const ANY = -1;

const CAUSE_MASK = 15;
const ROUND = 16;
const WANTED = 1;

/**
 * Where one thread sleeps and where any other wakes it.
 *
 *   word 0  state:  round << 4 | cause      cause 0: awake; 1…15: asleep, or about to be, and for what
 *   word 1  wanted: the value of the awaited cursor (32 bits, wraps) from which on a wake-up is worth its cost
 *
 * Owner of both words: the sleeper while the cause is 0. From the moment when the cause is set until somebody clears it,
 * state belongs to whoever clears it first, by compareExchange: a waker, or the sleeper itself. Readers: any waker.
 * Both start at 0. The store of state publishes `wanted`, and no other data: who wakes up looks at cursors.
 *
 * Sleeper: `arm` → look at every condition again → `sleep` if none holds, else `disarm`.
 * Waker:   store progress → `wake`: one atomic load, and nothing more when the sleeper does not want this progress.
 * Both sides store before they load, sequentially consistent, so at least one sees the other: no wake-up is lost.
 * A round is never reused within 2^28 sleeps, so a slow waker cannot take a later sleep for the one it saw.
 * `sleep` may return for nothing (a late notify): always call it in a loop that looks again. After it the cause is 0.
 * One sleep at a time: a second one on the same words would take the first one's wake-up.
 */
export class EventCount {
  private readonly words: Words;
  private readonly at: number;
  /** A `sleepAsync` of this handle is pending. */
  private asleep = false;

  constructor(words: Words, index: number) {
    this.words = words;
    this.at = index;
  }

  /** Sleeper: announces a sleep for `cause` until the awaited cursor reaches `wanted`. Returns what `sleep` needs. */
  arm(cause: number, wanted: number): number {
    if (this.asleep)
      throw new RingError('ALREADY_WAITING', 'await the pending wait on this handle before the next one');
    store(this.words, this.at + WANTED, wanted | 0);
    const armed = ((load(this.words, this.at) & ~CAUSE_MASK) + ROUND) | cause;
    store(this.words, this.at, armed);
    return armed;
  }

  /** Sleeper: takes the announcement back; what it looked at was there after all. */
  disarm(armed: number): void {
    compareExchange(this.words, this.at, armed, armed & ~CAUSE_MASK);
  }

  /** Sleeper: blocks this thread until a waker clears the cause, or `timeoutMs` pass (0 or more, of any size). Not for the main thread. */
  sleep(armed: number, timeoutMs?: number): void {
    if (timeoutMs !== undefined) this.expectTimeout(armed, timeoutMs);
    wait(this.words, this.at, armed, timeoutMs);
    // After a time-out or a notify that came late nobody else has cleared the cause.
    this.disarm(armed);
  }

  /**
   * Sleeper: the same for a thread that has an event loop to serve. A pending promise does not keep the process alive. False
   * where there was nothing to wait for, or no time, so that the event loop had no turn.
   */
  async sleepAsync(armed: number, timeoutMs?: number): Promise<boolean> {
    if (timeoutMs !== undefined) this.expectTimeout(armed, timeoutMs);
    const waiting = waitAsync(this.words, this.at, armed, timeoutMs);
    if (waiting.async) {
      this.asleep = true;
      await waiting.value;
      this.asleep = false;
    }
    this.disarm(armed);
    return waiting.async;
  }

  /** Waker, after it stored its progress: wakes the sleeper if it sleeps for `cause` and wants no more than `progress`. */
  wake(cause: number, progress: number): boolean {
    const seen = load(this.words, this.at);
    if ((seen & CAUSE_MASK) !== cause) return false;
    if (((progress - load(this.words, this.at + WANTED)) | 0) < 0) return false;
    return this.release(seen);
  }

  /** Waker: like `wake`, where `wanted` names one waker (or ANY) instead of a position. */
  wakeFor(cause: number, waker: number): boolean {
    const seen = load(this.words, this.at);
    if ((seen & CAUSE_MASK) !== cause) return false;
    const wanted = load(this.words, this.at + WANTED);
    if (wanted !== waker && wanted !== ANY) return false;
    return this.release(seen);
  }

  /** Waker: wakes the sleeper whatever it sleeps for (stop, pause, failure). */
  wakeAny(): boolean {
    const seen = load(this.words, this.at);
    if ((seen & CAUSE_MASK) !== 0 && this.release(seen)) return true;
    // A waker that died between its exchange and its notify left a sleeper behind who looks awake.
    notify(this.words, this.at, 1);
    return false;
  }

  /** For what the thread sleeps now; 0 when it is awake. */
  loadCause(): number {
    return load(this.words, this.at) & CAUSE_MASK;
  }

  /** The platform takes NaN for ever, and text for its number. */
  private expectTimeout(armed: number, timeoutMs: number): void {
    if (isDuration(timeoutMs)) return;
    this.disarm(armed);
    throw new RingError('BAD_OPTION', `timeoutMs is ${String(timeoutMs)}; give milliseconds, 0 or more, or Infinity`);
  }

  private release(seen: number): boolean {
    // When the exchange fails, another waker was faster, or the sleeper found what it wanted: either way it is awake and
    // will look again before it sleeps.
    if (compareExchange(this.words, this.at, seen, seen & ~CAUSE_MASK) !== seen) return false;
    notify(this.words, this.at, 1);
    return true;
  }
}
