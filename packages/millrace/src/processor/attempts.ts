/** How often a processor has tried the event that failed last. */
export class Attempts {
  /** How often it has failed. */
  failures = 0;
  /** The most of its items that went to the writer at any attempt of this thread. */
  private shownItems = 0;
  private sequence = -1;
  /** The last event with which a thread had begun that died. */
  private inherited = -1;

  /**
   * Of the event that failed last, the items that had gone to the writer; undefined where a thread before had begun with it. That
   * one may have shown more, since its records may have ended elsewhere.
   */
  get delivered(): number | undefined {
    return this.sequence === this.inherited ? undefined : this.shownItems;
  }

  /** A thread before had begun with `sequence`, unless it was this one. */
  inherit(sequence: number): void {
    if (sequence !== this.sequence) this.inherited = sequence;
  }

  /** An attempt at `sequence` has failed, after `items` of its items had gone to the writer. */
  failed(sequence: number, items: number): void {
    if (sequence !== this.sequence) this.failures = this.shownItems = 0;
    this.sequence = sequence;
    this.failures++;
    this.shownItems = Math.max(this.shownItems, items);
  }

  /** Which attempt at `sequence` the next one is, from 1. */
  next(sequence: number): number {
    return sequence === this.sequence ? this.failures + 1 : 1;
  }
}
