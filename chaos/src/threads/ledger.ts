/**
 * What a destination has that takes batches in any order: by item, whether it is taken, and whether it is committed. In shared
 * memory, which outlives the writer's threads. Items are counted from the flow's first one on.
 *
 *   word 0   items that are taken, of all times: only for whoever looks whether there is progress
 *   word 1   items that are committed, and one; 0 before the first commit
 *   a byte for each item: 1 where it is taken
 */
export class Ledger {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly taken: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer, 0, 2);
    this.taken = new Uint8Array(buffer, 8);
  }

  static make(items: number): Ledger {
    return new Ledger(new SharedArrayBuffer(8 + items));
  }

  get progress(): number {
    return Atomics.load(this.words, 0);
  }

  get hasCommits(): boolean {
    return Atomics.load(this.words, 1) > 0;
  }

  get committed(): number {
    return Math.max(Atomics.load(this.words, 1) - 1, 0);
  }

  /** The first item that is not taken, from `from` on. */
  lowest(from = 0): number {
    const at = this.taken.indexOf(0, from);
    return at < 0 ? this.taken.length : at;
  }

  /** True where an item is taken from `from` on. */
  hasFrom(from: number): boolean {
    return this.taken.indexOf(1, from) >= 0;
  }

  take(begin: number, end: number): void {
    this.taken.fill(1, begin, end);
    Atomics.add(this.words, 0, end - begin);
  }

  commit(end: number): void {
    Atomics.store(this.words, 1, end + 1);
  }

  /** What a thread has taken and not committed went with it. */
  forget(): void {
    this.taken.fill(0, this.committed);
  }
}
