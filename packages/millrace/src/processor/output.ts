import type { ArrayOf, Infer, InferInput, Memory } from '@millrace/codec';
import type { ByCodec, CodecShape } from '../thread/by-codec.ts';

/**
 * What a processor writes its items to, while its event is in work and no longer. Once `process` has returned a promise, each
 * attempt at an event has an output of its own: `emit` of one that has ended throws EMIT_REFUSED, and `sequence` stays its own.
 * A `process` that returns no promise is given one and the same output for all events. Code that keeps it cannot emit between
 * events; what it emits within a later event belongs to that one.
 *
 * There are three ways to write, which may be mixed in one event: `emit` for any codec, `next` for structs, `claim` and
 * `commit` for numbers. All block the processor's thread while the lane is full, until the writer has made room: that is the
 * back-pressure.
 *
 * `C` is the codec of the items, `Output<typeof i32>`: then `next`, or `claim`, `items`, `begin` and `commit` are there where
 * the codec has them. Or it is the type of the items, `Output<number>`: then there is `emit`.
 */
export type Output<C> = EmitOutput<C extends CodecShape ? InferInput<C> : C> &
  ByCodec<C, ClaimOutput<Memory[ArrayOf<C>]>, StructOutput<Infer<C>>>;

export interface EmitOutput<Item> {
  /** The sequence of the event that is being processed. */
  readonly sequence: number;
  /** True once the flow is being stopped: a long computation should return. */
  readonly aborted: boolean;
  /** Appends one item to the event's output, straight into shared memory. Throws a CodecError for what the codec does not hold. */
  emit(item: Item): void;
}

/** Items that are a struct. */
export interface StructOutput<Item> {
  /**
   * Appends an item whose fields are all zero, and returns it: one object always the same, whose fields are assigned, checked as
   * by `emit`, and written straight into shared memory. It is this item until the following `next` or `emit`, and until the event
   * ends; what is assigned later reaches nothing.
   */
  next(): Item;
}

/** Items that are numbers of one typed array (u8 to f64; i64 and u64 as bigint): they can be written by a loop over it. */
export interface ClaimOutput<Items> {
  /**
   * Claims room for up to `n` items, an integer from 1 on. Returns how many there is room for in one piece, 1 to `n`. They are
   * `items[begin]` to `items[begin + room - 1]`, whatever stands there before they are filled. The typed array converts what it is
   * given (300 into u8 is 44), unless the processor says `checked`. While a claim is open, `emit`, `claim` and the end of the event
   * throw EMIT_REFUSED; an event that fails gives it back.
   */
  claim(n: number): number;
  /** The typed array over the lane, and the index in it at which the open claim begins. Read both after each claim. */
  readonly items: Items;
  readonly begin: number;
  /** Appends the first `n` items of the open claim, 0 to all, to the event's output, and ends the claim. */
  commit(n: number): void;
}

/** What an output can do, whatever the codec of its items: what of it makes sense is for the types to say. */
export interface AnyOutput extends EmitOutput<unknown>, StructOutput<object>, ClaimOutput<unknown> {}
