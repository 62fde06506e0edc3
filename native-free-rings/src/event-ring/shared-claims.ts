import { compareExchange, load, store, type Words } from '#atomics';
import { distance } from '../cursor.ts';
import { SharedCursor } from '../shared-cursor.ts';
import {
  CLAIMED_WORD,
  INTENT_BEGIN,
  INTENT_COUNT,
  type OpenEventRing,
  ORPHANS_WORD,
  PRODUCER_ATTACHED,
  PRODUCER_FREE,
  producerLine,
} from './event-ring-descriptor.ts';

/**
 * How far the end of a shared ring may move: over every sequence that is settled. Anybody may move it, and whoever settles
 * something does, after that. Of two who settle neighbours at once, the later one sees both.
 *
 * A producer that has died leaves *orphans*, sequences that it had claimed and never settles. One that has been claimed is void
 * when no place that is taken intends it, and it is unsettled still. For its owner, while it lives, intends it from before the
 * claim until it is settled; a dead one, until its place is freed. Where another one intends it, too, whose claim has not
 * succeeded, and cannot any more, that one looks again when it finds out.
 */
export class SharedEnd {
  /** The next sequence to claim. */
  readonly claimed: SharedCursor;
  protected readonly words: Words;
  private readonly end: SharedCursor;
  private readonly states: number;
  private readonly capacity: number;
  private readonly readers: number;
  private readonly producers: number;

  constructor(ring: OpenEventRing, end: SharedCursor) {
    this.claimed = new SharedCursor(ring.words, CLAIMED_WORD);
    this.words = ring.words;
    this.end = end;
    this.states = ring.states;
    this.capacity = ring.capacity;
    this.readers = ring.readers;
    this.producers = ring.producers;
  }

  /** Moves the end over all that is settled. Returns how far this thread has moved it; whoever has, wakes the readers. */
  advance(): number {
    for (;;) {
      const from = this.end.loadFar();
      const to = this.settledFrom(from);
      if (to === from) return 0;
      if (this.end.tryMove(to)) return to - from;
    }
  }

  /** A producer has died with a claim open, some time. */
  mayHaveOrphans(): boolean {
    return load(this.words, ORPHANS_WORD) === 1;
  }

  /** The word of a place whose claim, or what it intends to claim, has `sequence` and ends before `before`; 0: none has. */
  claimant(sequence: number, before: number = Number.POSITIVE_INFINITY): number {
    const { words, readers, producers } = this;
    for (let i = 0; i < producers; i++) {
      const line = producerLine(readers, i);
      const place = load(words, line + PRODUCER_ATTACHED);
      if (place === PRODUCER_FREE) continue;
      const ahead = distance(sequence | 0, load(words, line + INTENT_BEGIN));
      const count = load(words, line + INTENT_COUNT);
      if (ahead >= 0 && ahead < count && sequence - ahead + count < before) return place;
    }
    return 0;
  }

  protected at(sequence: number): number {
    return this.states + (sequence & (this.capacity - 1));
  }

  /** The first sequence from this one on that is not settled. */
  private settledFrom(sequence: number): number {
    for (let next = sequence; ; ) {
      // A state from the lap before cannot be taken for this one: it differs in the bits above the index.
      while ((load(this.words, this.at(next)) & ~1) === next << 1) next++;
      if (!this.mayHaveOrphans() || !this.voidOrphan(next)) return next;
    }
  }

  /** False where an unsettled sequence has an owner, or may have one. Else it is settled now. */
  private voidOrphan(sequence: number): boolean {
    // In this order: who owns a sequence that is claimed by now has intended it since before that.
    if (this.claimed.loadFar() <= sequence || this.claimant(sequence) !== 0) return false;
    const state = load(this.words, this.at(sequence));
    // Of another lap: the end has moved on since this look began.
    if ((state & ~1) !== (sequence - this.capacity) << 1) return (state & ~1) === sequence << 1;
    // Where this fails, its owner has settled it meanwhile, or somebody else has found it.
    compareExchange(this.words, this.at(sequence), state, (sequence << 1) | 1);
    return true;
  }
}

/** What a producer of a shared ring does with its claims. */
export class SharedClaims extends SharedEnd {
  private readonly intent: number;

  /** `line`: of the producer's place. */
  constructor(ring: OpenEventRing, end: SharedCursor, line: number) {
    super(ring, end);
    this.intent = line;
    // Whoever had the place before may have died with a claim open.
    store(this.words, this.intent + INTENT_COUNT, 0);
  }

  /** Claims `count` sequences from `begin` on, which `claimed` was when last looked at. False where another one was faster. */
  tryTake(begin: number, count: number): boolean {
    store(this.words, this.intent + INTENT_BEGIN, begin | 0);
    store(this.words, this.intent + INTENT_COUNT, count);
    if (this.claimed.tryMove(begin + count)) return true;
    store(this.words, this.intent + INTENT_COUNT, 0);
    return false;
  }

  /** Settles a claim: `committed` of its records from the first on, the others are void. */
  settle(begin: number, committed: number, count: number): void {
    // In order: of a thread that dies meanwhile the first ones are there.
    for (let i = 0; i < count; i++) {
      const sequence = begin + i;
      store(this.words, this.at(sequence), (sequence << 1) | (i < committed ? 0 : 1));
    }
    store(this.words, this.intent + INTENT_COUNT, 0);
  }
}
