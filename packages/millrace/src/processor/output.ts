/** What a processor writes its items to. */
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
