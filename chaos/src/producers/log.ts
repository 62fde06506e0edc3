import { numberOf, type Told } from './events.ts';

/** Items that a log has room for: what comes after is left out. */
const MOST = 2 ** 15;

/** What a reader has read, in memory that outlives its thread: how many, then a sequence and a number for each. */
export class Log {
  readonly buffer: SharedArrayBuffer;
  private readonly count: Int32Array;
  private readonly entries: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.count = new Int32Array(buffer, 0, 1);
    this.entries = new Float64Array(buffer, 8);
  }

  static make(): Log {
    return new Log(new SharedArrayBuffer(8 + 16 * MOST));
  }

  add(item: Told & { readonly sequence: number }): void {
    const at = this.count[0]!;
    if (at === MOST) return;
    this.entries[2 * at] = item.sequence;
    this.entries[2 * at + 1] = numberOf(item);
    Atomics.store(this.count, 0, at + 1);
  }

  /** Where it differs from the items that the flow has delivered; undefined where it is a piece of them. */
  difference(items: readonly number[], sequences: readonly number[]): string | undefined {
    const length = Atomics.load(this.count, 0);
    if (length === 0) return undefined;
    const from = sequences.indexOf(this.entries[0]!);
    for (let i = 0; i < length; i++) {
      const [sequence, number] = [this.entries[2 * i]!, this.entries[2 * i + 1]!];
      if (sequences[from + i] === sequence && items[from + i] === number) continue;
      return `item ${i} of a reader is ${number} of sequence ${sequence}, in place of ${items[from + i]} of ${sequences[from + i]}`;
    }
    return undefined;
  }
}
