/** Gathers the index of a chunk: see chunk-descriptor.ts. Runs that are alike cost nothing, however many there are. */

/** Bytes that an entry takes at most: of sequences up to 2 ** 53, of items and of runs up to 2 ** 32. */
export const MOST_ENTRY_BYTES = 18;

export class IndexWriter {
  /** The entries that are complete. */
  bytes: Uint8Array = new Uint8Array(1024);
  length = 0;
  entries = 0;
  /** The sequence behind the last run. */
  private next = 0;
  /** The open entry; `runs` is zero where there is none. */
  private skipped = 0;
  private items = 0;
  private runs = 0;

  /** Begins anew, at the sequence at which the chunk begins. */
  begin(sequence: number): void {
    this.next = sequence;
    this.length = this.entries = this.runs = 0;
  }

  /** Adds a run, or items to the last run, which is of the same sequence then. */
  add(sequence: number, items: number): void {
    const skipped = sequence - this.next;
    if (skipped < 0) this.extend(items);
    else if (this.runs > 0 && skipped === this.skipped && items === this.items) this.runs++;
    else this.open(skipped, items);
    this.next = sequence + 1;
  }

  /** Closes the last entry. */
  finish(): void {
    if (this.runs === 0) return;
    if (this.length + MOST_ENTRY_BYTES > this.bytes.length) this.grow();
    this.put(this.skipped);
    this.put(this.items);
    this.put(this.runs);
    this.entries++;
    this.runs = 0;
  }

  private extend(items: number): void {
    if (this.runs > 1) {
      const before = this.items;
      this.runs--;
      this.open(this.skipped, before);
    }
    this.items += items;
  }

  private open(skipped: number, items: number): void {
    this.finish();
    this.skipped = skipped;
    this.items = items;
    this.runs = 1;
  }

  private put(value: number): void {
    const { bytes } = this;
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[this.length++] = (rest % 128) | 128;
    bytes[this.length++] = rest;
  }

  private grow(): void {
    const larger = new Uint8Array(2 * this.bytes.length);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
