/** Items of a chunk that lie back to back. */
export interface ChunkPart {
  readonly index: RunIndex;
  /** Index of the first item within its sequence's output. */
  readonly first: number;
  /** The last item is the last of its sequence. */
  readonly last: boolean;
  /** Where the first item lies in the memory. */
  readonly offset: number;
}

/** Runs that follow each other and are alike: each has `items` items, and is so many sequences behind the one before. */
interface Alike {
  readonly items: number;
  readonly runs: number;
}

/** Of which sequence each item of some runs is. Items and runs count from 0. */
export class RunIndex {
  /** By entry: the sequence of its first run, how far its runs are apart, and the items of each. */
  private readonly sequences: Float64Array;
  private readonly strides: Float64Array;
  private readonly sizes: Float64Array;
  /** By entry: its first run and its first item; and behind them how many there are. */
  private readonly runBegins: Float64Array;
  private readonly itemBegins: Float64Array;
  private entries = 0;
  /** Where the last look-up ended. */
  private found = 0;

  private constructor(entries: number) {
    this.sequences = new Float64Array(entries);
    this.strides = new Float64Array(entries);
    this.sizes = new Float64Array(entries);
    this.runBegins = new Float64Array(entries + 1);
    this.itemBegins = new Float64Array(entries + 1);
  }

  /** One run. */
  static ofOne(sequence: number, items: number): RunIndex {
    return RunIndex.ofRuns(sequence, { items, runs: 1 });
  }

  /** Runs of sequences without a gap. */
  static ofRuns(sequence: number, { items, runs }: Alike): RunIndex {
    const index = new RunIndex(1);
    index.add(sequence, 1, items, runs);
    return index;
  }

  /** The index of a chunk that begins at a sequence: see chunk-descriptor.ts. */
  static read(bytes: Uint8Array, offset: number, entries: number, begin: number): RunIndex {
    const index = new RunIndex(entries);
    const numbers = new Numbers(bytes, offset);
    let next = begin;
    for (let entry = 0; entry < entries; entry++) {
      const skipped = numbers.next();
      const items = numbers.next();
      const runs = numbers.next();
      index.add(next + skipped, skipped + 1, items, runs);
      next += (skipped + 1) * runs;
    }
    return index;
  }

  get runs(): number {
    return this.runBegins[this.entries];
  }

  get items(): number {
    return this.itemBegins[this.entries];
  }

  sequenceOf(run: number): number {
    const entry = this.entryOf(this.runBegins, run);
    return this.sequences[entry] + (run - this.runBegins[entry]) * this.strides[entry];
  }

  /** The first item of a run; of `runs`, the number of items. */
  beginOf(run: number): number {
    if (run === this.runs) return this.items;
    const entry = this.entryOf(this.runBegins, run);
    return this.itemBegins[entry] + (run - this.runBegins[entry]) * this.sizes[entry];
  }

  runOf(item: number): number {
    const entry = this.entryOf(this.itemBegins, item);
    return this.runBegins[entry] + Math.floor((item - this.itemBegins[entry]) / this.sizes[entry]);
  }

  /** The first run that is of `sequence` or of a later one; `runs` where there is none. */
  runFrom(sequence: number): number {
    let low = 0;
    let high = this.runs;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.sequenceOf(middle) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private add(sequence: number, stride: number, items: number, runs: number): void {
    const entry = this.entries++;
    this.sequences[entry] = sequence;
    this.strides[entry] = stride;
    this.sizes[entry] = items;
    this.runBegins[entry + 1] = this.runBegins[entry] + runs;
    this.itemBegins[entry + 1] = this.itemBegins[entry] + items * runs;
  }

  /** The entry in which a run or an item lies, by what they begin with. */
  private entryOf(begins: Float64Array, value: number): number {
    const { found } = this;
    if (begins[found] <= value && value < begins[found + 1]) return found;
    let low = 0;
    let high = this.entries - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle] <= value) low = middle;
      else high = middle - 1;
    }
    this.found = low;
    return low;
  }
}

/** Numbers of seven bits a byte, one after the other. */
class Numbers {
  private readonly bytes: Uint8Array;
  private at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = this.bytes[this.at++];
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  }
}
