/** What a source takes beside whole events, by its codec: types alone. */
import type { ArrayOf, Infer, Memory } from '@millrace/codec';
import type { ByCodec } from '../thread/by-codec.ts';
import type { PublishOptions } from './flow-events.ts';

/** Ends what is open of `next()` or `claim(n)`. */
interface Abortable {
  /** Gives what `next()` or `claim(n)` gave back, unpublished. (In a source with `producers` its sequences are then void: no processor sees them.) */
  abort(): void;
}

/** Of a struct: the event is filled in place. */
export interface StructProducer<Event> extends Abortable {
  /**
   * The next event, to be filled by assignments: one object, always the same, whose setters check as `publish` does. Fields that are
   * not assigned are zero (0, 0n, false, ''). `commit()` publishes it; what is assigned after that reaches nobody. Blocks this
   * thread while there is no room.
   */
  next(): Event;
  /** The same; undefined where there is no room. */
  tryNext(): Event | undefined;
  /** Publishes the event of `next()`. */
  commit(): void;
}

/** Of numbers of one type, u8 … f64 and i64, u64 as bigint: a loop fills the events in place. */
export interface ArrayProducer<Items> extends Abortable {
  /**
   * Room for 1 to `count` events side by side: `items[begin]` up to, and without, `items[begin + room]`, where room is what this
   * returns. `commit(k)` publishes the first k. Blocks this thread while there is no room.
   */
  claim(count: number): number;
  /** The same; 0 where there is no room. */
  tryClaim(count: number): number;
  /**
   * The events of the source, as a typed array. It converts what is assigned as typed arrays do (300 into a u8 is 44) and
   * checks nothing. Assign only what is claimed: the rest belongs to others.
   */
  readonly items: Items;
  /** Index of the first event of the open claim. */
  readonly begin: number;
  /** Publishes the first `count` events of the claim, 0 to all, and gives the others back. */
  commit(count: number): void;
}

/** What every source that is published into takes. */
export interface SkippingFlow {
  /**
   * Passes over `count` sequences that are of no interest: they are numbered, and no processor sees them, as if `interested` had
   * said no. One call costs the same for any count, as far as the ring has room; in a source with `producers` it writes a word for
   * each sequence. It waits while the ring is full.
   */
  skip(count: number, options?: PublishOptions): Promise<void>;
  /** Passes over as many of `count` sequences as there is room for. Returns how many, 0 to `count`. */
  trySkip(count: number): number;
}

/** `StructProducer` on the flow's own thread, which never blocks. */
export interface StructFlow<Event> extends Omit<StructProducer<Event>, 'next'> {
  /** Resolves with the next event when there is room. `flow.tryNext() ?? (await flow.next())` waits only where it has to. */
  next(options?: PublishOptions): Promise<Event>;
}

/** `ArrayProducer` on the flow's own thread, which never blocks. */
export interface ArrayFlow<Items> extends Omit<ArrayProducer<Items>, 'claim'> {
  /** Resolves with the room, 1 to `count`, when there is some. `flow.tryClaim(n) || (await flow.claim(n))` waits only where it has to. */
  claim(count: number, options?: PublishOptions): Promise<number>;
}

/** What a producer of codec `C` has beside `publish`. */
export type ProducerOf<C> = ByCodec<C, ArrayProducer<Memory[ArrayOf<C>]>, StructProducer<Infer<C>>>;

/** What a flow whose source has codec `C` has beside `publish`. */
export type FlowOf<C> = SkippingFlow & ByCodec<C, ArrayFlow<Memory[ArrayOf<C>]>, StructFlow<Infer<C>>>;
