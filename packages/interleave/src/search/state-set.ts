/**
 * States by their 64-bit names, each with the fewest preemptions with which it was reached.
 *
 * Open addressing over typed arrays: a JavaScript Map ends at 2^24 entries, and takes ten times the memory. The names are
 * hashes already, so their low bits are the place to look first.
 */
export class StateSet {
  size = 0;
  private high = new Int32Array(FIRST_SLOTS);
  private low = new Int32Array(FIRST_SLOTS);
  /** 0: the slot is empty; else one more than the preemptions. */
  private marks = new Uint16Array(FIRST_SLOTS);

  /** Keeps the state; false if it was reached before with as few preemptions. */
  add(high: number, low: number, preemptions: number): boolean {
    if (preemptions > MOST_PREEMPTIONS) throw new RangeError(`${preemptions} preemptions: ${MOST_PREEMPTIONS} at most`);
    const mark = 1 + preemptions;
    const slot = this.find(high, low);
    const before = this.marks[slot];
    if (before !== 0 && before <= mark) return false;
    this.high[slot] = high;
    this.low[slot] = low;
    this.marks[slot] = mark;
    if (before === 0 && ++this.size * 4 > this.marks.length * 3) this.grow();
    return true;
  }

  /** The slot of a state, or the empty one where it belongs. */
  private find(high: number, low: number): number {
    const mask = this.marks.length - 1;
    let slot = low & mask;
    while (this.marks[slot] !== 0 && (this.low[slot] !== low || this.high[slot] !== high)) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { high, low, marks } = this;
    this.high = new Int32Array(2 * high.length);
    this.low = new Int32Array(2 * low.length);
    this.marks = new Uint16Array(2 * marks.length);
    for (let old = 0; old < marks.length; old++) {
      if (marks[old] === 0) continue;
      const slot = this.find(high[old], low[old]);
      this.high[slot] = high[old];
      this.low[slot] = low[old];
      this.marks[slot] = marks[old];
    }
  }
}

/** A power of two. */
const FIRST_SLOTS = 1024;
const MOST_PREEMPTIONS = 2 ** 16 - 2;
