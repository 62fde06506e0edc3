const FEW_RUNS = 64;

/** The runs of a batch: of which sequence each is, and where its items begin. */
export class RunTable {
  length = 0;
  /** By run: how far its sequence is from the batch's first one. */
  offsets: Int32Array = new Int32Array(FEW_RUNS);
  /** By run: index of its first item in the batch; and behind them the number of items. */
  begins: Int32Array = new Int32Array(FEW_RUNS + 1);
  /** Where the last look-up by item ended. */
  private found = 0;

  /** Makes room for so many runs more. */
  reserve(runs: number): void {
    const most = this.length + runs;
    if (most <= this.offsets.length) return;
    const size = Math.max(most, 2 * this.offsets.length);
    const offsets = new Int32Array(size);
    const begins = new Int32Array(size + 1);
    offsets.set(this.offsets);
    begins.set(this.begins);
    this.offsets = offsets;
    this.begins = begins;
  }

  clear(): void {
    this.length = 0;
    this.found = 0;
  }

  /** The run that has item `index`, which is one of the batch's. */
  runOf(index: number): number {
    const { begins, found } = this;
    if (found < this.length && begins[found]! <= index && index < begins[found + 1]!) return found;
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    this.found = low;
    return low;
  }

  /** Leaves out what follows the first `items` items, 1 or more. */
  cut(items: number): void {
    this.length = this.runOf(items - 1) + 1;
    this.begins[this.length] = items;
    this.found = 0;
  }

  /** Leaves the first `items` items behind, fewer than there are. Returns how many runs went with them. */
  skip(items: number): number {
    const gone = this.runOf(items);
    const { offsets, begins, length } = this;
    const base = offsets[gone]!;
    for (let run = gone; run < length; run++) {
      offsets[run - gone] = offsets[run]! - base;
      begins[run - gone] = Math.max(begins[run]! - items, 0);
    }
    this.length = length - gone;
    begins[this.length] = begins[length]! - items;
    this.found = 0;
    return gone;
  }
}
