import { load, store, type Words } from '#atomics';

/** Words that a cursor takes. */
export const CURSOR_WORDS = 2;
const NEAR_UNIT = 2 ** 30;

/**
 * A shared sequence that only grows. Exactly one thread writes it, or several by way of `SharedCursor`.
 *
 *   word 0  the low 32 bits; they wrap. Its store publishes what the descriptor of the structure says.
 *   word 1  near: the sequence in units of 2^30, stored before word 0 whenever it changes, hence once in 2^30 sequences
 *
 * Each thread keeps a 53-bit number of its own and extends word 0 by the signed 32-bit difference. That is right while no
 * two looks are 2^31 apart, and `near` makes it right for the first look and for one after a long time (`loadFar`), without
 * a torn read: it may be off by a unit and a bit, and up to two do not matter, while fewer than 2^30 sequences pass between
 * the two loads. (BigInt atomics cost twice as much.)
 */
export class Cursor {
  protected readonly words: Words;
  protected readonly index: number;
  protected value: number;
  protected nextNear: number;

  constructor(words: Words, index: number) {
    this.words = words;
    this.index = index;
    this.value = 0;
    this.value = this.loadFar();
    this.nextNear = (Math.floor(this.value / NEAR_UNIT) + 1) * NEAR_UNIT;
  }

  /** Before any thread attaches: the cursor starts at `start`. */
  static init(words: Words, index: number, start: number): void {
    store(words, index + 1, Math.floor(start / NEAR_UNIT));
    store(words, index, start | 0);
  }

  /** Last value that this thread loaded or published: a plain read of a private number. */
  peek(): number {
    return this.value;
  }

  /** The current value, by one atomic load. Plain writes made before the owner published it are then visible. */
  load(): number {
    this.value = extend(this.value, load(this.words, this.index));
    return this.value;
  }

  /** `load` for an observer that may not have looked for 2^31 sequences: two atomic loads. */
  loadFar(): number {
    const near = load(this.words, this.index + 1) * NEAR_UNIT;
    this.value = extend(near, load(this.words, this.index));
    return this.value;
  }

  /** Owner only: stores `value`, which makes every earlier plain write visible to a thread whose `load` returns it. */
  publish(value: number): void {
    this.value = value;
    if (value >= this.nextNear) this.publishNear(value);
    store(this.words, this.index, value | 0);
  }

  /** `near` of a value, which this thread sees to from now on. */
  protected nearOf(value: number): number {
    const near = Math.floor(value / NEAR_UNIT);
    this.nextNear = (near + 1) * NEAR_UNIT;
    return near;
  }

  private publishNear(value: number): void {
    store(this.words, this.index + 1, this.nearOf(value));
  }
}

/** The number nearest to `near` whose low 32 bits are `word`. */
export const extend = (near: number, word: number): number => near + ((word - (near | 0)) | 0);

/**
 * The same number, as a small integer where it is one. What comes out of a 64-bit float is a float to V8 for good, and so is
 * every field that it is stored in: code that was compiled for a small integer there is thrown away.
 */
export const small = (x: number): number => ((x | 0) === x ? x | 0 : x);

/** How far `later` is ahead of `earlier`, both 32-bit words that wrap. Negative when it is behind. */
export const distance = (later: number, earlier: number): number => (later - earlier) | 0;
