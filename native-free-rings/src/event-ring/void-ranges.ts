import { load, store, viewF64, type Words } from '#atomics';
import { small } from '../cursor.ts';
import { ANY_SKIP_WORD, type OpenEventRing, SKIPS_WORD } from './event-ring-descriptor.ts';

/**
 * The ranges of sequences that were skipped, in order, each by two entries of a ring of its own: where it begins, where it ends.
 *
 * A thread may ask about a sequence that is published and retained. Then what it reads is not written over meanwhile. Of the
 * ranges that it finds counted, those that end behind the sequence are among the last `window`: they were live together. And
 * fewer than `window` come while the sequence is retained. The table has room for twice as many.
 */
export class VoidRanges {
  /** What is known around the last sequence that was asked for: [from, begin) is clear and [begin, end) is skipped. */
  private from = Number.POSITIVE_INFINITY;
  private begin = 0;
  private end = 0;
  /** Number of that range, and how many there were at the last look. 32 bits that wrap. */
  private at = 0;
  private seen = 0;
  private readonly words: Words;
  private readonly bounds: Float64Array;
  /** Most ranges that are live at a time: not all released. */
  private readonly window: number;
  private readonly mask: number;

  /** Of a ring of one producer that takes skips. */
  constructor(ring: OpenEventRing) {
    this.words = ring.words;
    this.window = ring.skips;
    this.mask = 2 * ring.skips - 1;
    this.bounds = viewF64(ring.words.buffer, ring.voids * 4, 4 * ring.skips);
  }

  /** Something was skipped in this ring. */
  hasAny(): boolean {
    return load(this.words, ANY_SKIP_WORD) === 1;
  }

  covers(sequence: number): boolean {
    if (sequence < this.from || sequence >= this.end || load(this.words, SKIPS_WORD) !== this.seen) this.look(sequence);
    return sequence >= this.begin;
  }

  /** The first sequence from this one on which is not skipped, as far as anybody knows. */
  endFrom(sequence: number): number {
    let next = sequence;
    while (this.covers(next)) next = this.end;
    return next;
  }

  /** The first sequence from this one on that is skipped, or `end`. All below `end` is published: no range is added there any more. */
  nextFrom(sequence: number, end: number): number {
    if (this.covers(sequence)) return sequence;
    return this.begin < end ? small(this.begin) : end;
  }

  /** Owner only: whether another range fits while what is at `gate` and after it is retained. */
  hasRoom(gate: number): boolean {
    return this.endOf(load(this.words, SKIPS_WORD) - this.window) <= gate;
  }

  /** Owner only, where there is room. What is before `begin` is published, or claimed by others. */
  add(begin: number, end: number): void {
    const count = load(this.words, SKIPS_WORD);
    const entry = 2 * (count & this.mask);
    this.bounds[entry] = begin;
    this.bounds[entry + 1] = end;
    if (!this.hasAny()) store(this.words, ANY_SKIP_WORD, 1);
    store(this.words, SKIPS_WORD, count + 1);
  }

  /** Owner only: where the last range ends; 0 when there is none. */
  lastEnd(): number {
    return this.endOf(load(this.words, SKIPS_WORD) - 1);
  }

  /** Finds the first range that ends behind `sequence`. */
  private look(sequence: number): void {
    const count = load(this.words, SKIPS_WORD);
    const isKnown = sequence >= this.from && sequence < this.end && this.end !== Number.POSITIVE_INFINITY;
    this.seen = count;
    if (isKnown) return;
    const first = count - this.window;
    // Whoever reads in order wants the one after the last one, and has passed all before.
    const passed = (this.at - first) | 0;
    let low = sequence >= this.from && passed > 0 && passed <= this.window ? passed : 0;
    let high = this.window;
    if (low < high && this.endOf(first + low) <= sequence) low++;
    if (low < high && this.endOf(first + low) > sequence) high = low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.endOf(first + middle) > sequence) high = middle;
      else low = middle + 1;
    }
    this.at = (first + low) | 0;
    this.from = sequence;
    this.begin = this.end = Number.POSITIVE_INFINITY;
    if (low === this.window) return;
    this.begin = this.bounds[2 * (this.at & this.mask)]!;
    this.end = this.endOf(this.at);
  }

  /** Of a range that nobody made: 0. */
  private endOf(range: number): number {
    return this.bounds[2 * (range & this.mask) + 1]!;
  }
}

/** In a shared ring each sequence that was skipped says so in its own state. */
export const voidRangesOf = (ring: OpenEventRing): VoidRanges | undefined =>
  ring.skips > 0 && !ring.shared ? new VoidRanges(ring) : undefined;
