import { compareExchange, load, store, type Words } from '#atomics';
import { Cursor } from '../cursor.ts';
import { RingError } from '../errors.ts';
import { EventCount } from '../eventcount.ts';
import { expectInteger } from '../layout.ts';
import type { Memory } from '../memory.ts';
import { type WaitStrategy, waitUntil, waitUntilAsync } from '../wait-strategy.ts';
import {
  CLAIMED_WORD,
  CLOSED_WORD,
  END_WORD,
  type EventRingHandle,
  FLOOR_WORD,
  GATE,
  type OpenEventRing,
  openEventRing,
  type PlaceOwner,
  PRODUCER_SLEEP,
  placeState,
  placeWord,
  producerLine,
  READER_ATTACHED,
  READER_FREE,
  READER_GATING,
  READER_JOINING,
  READER_SLEEP,
  READER_TASK,
  RING_CAUSES,
  readerLine,
} from './event-ring-descriptor.ts';
import { slowestBehind } from './gate.ts';
import { expectOwner } from './places.ts';
import { RecordLookup } from './record-lookup.ts';

/**
 * A reader of an event ring, which gates its producers: what it has not released is kept. It joins at the oldest record
 * that is still there. `available → read in place by sequence → release`, one release for many records.
 */
export class EventRingReader {
  /** Views over the ring's data. */
  readonly memory: Memory;
  readonly records: RecordLookup;
  readonly capacity: number;

  private readonly words: Words;
  private readonly ring: OpenEventRing;
  private readonly end: Cursor;
  private readonly gate: Cursor;
  private readonly claimed: Cursor;
  private readonly attached: number;
  private readonly sleeper: EventCount;
  private readonly producers: EventCount[] = [];
  /** Of this thread, where it was told. */
  private readonly task: number;
  private gone = false;
  /** What a blocked thread waits for. One function for all waits: a new one for each would be garbage. */
  private awaited = 0;
  private stopped: () => boolean = () => false;
  private readonly look = (): boolean =>
    this.gone || this.end.load() > this.awaited || this.isClosedAt(this.awaited) || this.stopped();

  /**
   * `takeOver`: the place, from 0, of a reader whose thread has ended. This one goes on where that one had released to.
   * `owner`, `task`: of this thread, so that its place can be freed after its death (`freePlace`).
   */
  constructor(handle: EventRingHandle, options: { takeOver?: number } & PlaceOwner = {}) {
    const ring = openEventRing(handle);
    this.ring = ring;
    this.words = ring.words;
    this.memory = ring.memory;
    this.capacity = ring.capacity;
    this.records = new RecordLookup(ring);
    const heir = options.takeOver;
    const line = heir === undefined ? this.attach(options) : this.placeOf(heir);
    this.attached = line + READER_ATTACHED;
    this.task = heir === undefined ? (options.task ?? 0) : 0;
    this.sleeper = new EventCount(this.words, line + READER_SLEEP);
    for (let i = 0; i < ring.producers; i++) {
      this.producers.push(new EventCount(this.words, producerLine(ring.readers, i) + PRODUCER_SLEEP));
    }
    this.end = new Cursor(this.words, END_WORD);
    this.gate = new Cursor(this.words, line + GATE);
    this.claimed = new Cursor(this.words, CLAIMED_WORD);
    if (heir === undefined) this.join(options.owner ?? 0);
    else {
      this.end.loadFar();
      // The thread before may have died between its last release and the wake-up for it.
      for (const producer of this.producers) producer.wakeAny();
    }
  }

  /** The first sequence that this reader has not released. */
  peekNext(): number {
    return this.gate.peek();
  }

  /** End of the records as last seen, without looking at shared memory. */
  peekEnd(): number {
    return this.end.peek();
  }

  /** Sequence below which records may be read now. */
  loadEnd(): number {
    return this.end.load();
  }

  /** Gives every record below `sequence` back to the producers, and wakes those that sleep for that room. */
  release(sequence: number): void {
    if (sequence <= this.gate.peek()) return;
    if (this.gone || sequence > this.end.peek()) this.expectPublished(sequence);
    this.gate.publish(sequence);
    for (const producer of this.producers) {
      if (producer.loadCause() !== RING_CAUSES.room) continue;
      // Progress is what the slowest reader has released, which may be another one.
      const end = this.end.load();
      producer.wake(RING_CAUSES.room, end - slowestBehind(this.words, this.ring.readers, end));
    }
  }

  /** True where a producer sleeps for room, or finds none for a record more: somebody waits for a release. */
  isWaitedFor(): boolean {
    if (this.end.load() - this.gate.peek() >= this.capacity) return true;
    return this.producers.some((producer) => producer.loadCause() === RING_CAUSES.room);
  }

  /** Blocks until there is a record at `sequence`, or none will come, or `stopped` is true (then call `wakeRing`). */
  waitFor(sequence: number, strategy: WaitStrategy, stopped: () => boolean = () => false): void {
    this.awaited = sequence;
    this.stopped = stopped;
    waitUntil(this.look, strategy, this.sleeper, RING_CAUSES.records, sequence + 1);
  }

  /** The same without blocking, for the main thread. */
  async waitForAsync(sequence: number, stopped: () => boolean = () => false): Promise<void> {
    const look = () => this.gone || this.end.load() > sequence || this.isClosedAt(sequence) || stopped();
    await waitUntilAsync(look, this.sleeper, RING_CAUSES.records, sequence + 1);
  }

  /** True once no record at or after `sequence` will ever come. */
  isClosedAt(sequence: number): boolean {
    // In this order: see `closed` in the descriptor. What was claimed is still to come.
    if (load(this.words, CLOSED_WORD) !== 1) return false;
    return this.end.load() <= sequence && (!this.ring.shared || this.claimed.loadFar() <= sequence);
  }

  /** Stops gating, ends a pending wait, and gives the place to the next reader. This handle is done with then. */
  detach(): void {
    if (this.gone) return;
    this.gone = true;
    // Whoever has the place next sleeps on the same words.
    this.sleeper.wakeAny();
    if (this.task !== 0) store(this.words, this.attached - READER_ATTACHED + READER_TASK, 0);
    store(this.words, this.attached, READER_FREE);
    for (const producer of this.producers) producer.wakeAny();
  }

  private expectPublished(sequence: number): void {
    if (this.gone) throw new RingError('DETACHED', 'this reader was detached: attach a new one');
    if (sequence <= this.end.load()) return;
    throw new RingError(
      'NOT_PUBLISHED',
      `release(${sequence}) of a ring that ends at ${this.end.peek()}: release what was read`,
    );
  }

  private attach({ owner = 0, task = 0 }: PlaceOwner): number {
    for (let i = 0; i < this.ring.readers; i++) {
      const line = readerLine(i);
      const joining = placeWord(expectOwner(owner), READER_JOINING);
      if (compareExchange(this.words, line + READER_ATTACHED, READER_FREE, joining) !== READER_FREE) continue;
      if (task !== 0) store(this.words, line + READER_TASK, task);
      return line;
    }
    throw new RingError(
      'NO_SLOT_LEFT',
      `all ${this.ring.readers} reader places of this ring are taken: create it with more \`readers\`, or detach one`,
    );
  }

  /** The line of a place whose reader gated to the end: what it had not released is still there. */
  private placeOf(place: number): number {
    expectInteger('takeOver', place, 0, this.ring.readers - 1);
    const line = readerLine(place);
    if (placeState(load(this.words, line + READER_ATTACHED)) === READER_GATING) return line;
    throw new RingError('DETACHED', `reader place ${place} has no reader to take over from: attach without takeOver`);
  }

  /** Joins at the floor. The floor may rise until the producers see this gate, so look until it stands still. */
  private join(owner: number): void {
    const floor = new Cursor(this.words, FLOOR_WORD);
    this.gate.publish(floor.loadFar());
    store(this.words, this.attached, placeWord(owner, READER_GATING));
    while (floor.loadFar() > this.gate.peek()) {
      this.gate.publish(floor.peek());
      // A producer that saw this gate where it was may sleep for it by now.
      for (const producer of this.producers) producer.wakeAny();
    }
    this.end.loadFar();
  }
}
