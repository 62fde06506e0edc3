/**
 * What a processor writes its items to, while its event is in work and no longer. Once `process` has returned a promise, each
 * attempt at an event has an output of its own: `emit` of one that has ended throws EMIT_REFUSED, and `sequence` stays its own.
 * A `process` that returns no promise is given one and the same output for all events. Code that keeps it cannot emit between
 * events; what it emits within a later event belongs to that one.
 */
export interface Output<Item> {
  /** The sequence of the event that is being processed. */
  readonly sequence: number;
  /** True once the flow is being stopped: a long computation should return. */
  readonly aborted: boolean;
  /**
   * Appends one item to the event's output, straight into shared memory. When the lane is full this blocks the processor
   * thread until the writer has made room: that is the back-pressure.
   */
  emit(item: Item): void;
}

/** What an output can do, whatever the codec of its items: what of it makes sense is for the types to say. */
export interface AnyOutput extends Output<unknown> {
  /** Numbers: the typed array over the lane, and where the open claim begins in it. */
  readonly items: unknown;
  readonly begin: number;
  claim(n: number): number;
  commit(n: number): void;
  next(): object;
}
