import { Memory } from 'native-free-rings';
import { Item, type JournalSetting } from './setting.ts';

/** A batch has as many sequences as have room in so many bytes: the `blockBytes` that a flow has by default. */
const BATCH_BYTES = 64 * 1024;

/**
 * A batch as a writer gets it: its items lie encoded in a lane. One stands for all: `moveTo` writes the sequences into its items,
 * which costs each contender the same.
 */
export class Batches {
  readonly first = 0;
  /** The first of its sequences, and how many there are: each is a run. */
  sequence = 0;
  runs = 0;
  readonly segments: readonly [{ firstItem: 0; firstRun: 0; runs: number; bytes(): Uint8Array }];
  private readonly perSequence: number;
  private readonly most: number;
  private readonly memory: Memory;
  private readonly stride = Item.size >> 2;

  constructor({ perSequence }: JournalSetting) {
    this.perSequence = perSequence;
    this.most = Math.max(1, Math.floor(BATCH_BYTES / (perSequence * Item.size)));
    this.memory = new Memory(new SharedArrayBuffer(this.most * perSequence * Item.size));
    for (let i = 0; i < this.most * perSequence; i++) {
      const index = i % perSequence;
      Item.write(this.memory, i * Item.size, { sequence: 0, index, price: index / 3, at: 0.5 });
    }
    this.segments = [{ firstItem: 0, firstRun: 0, runs: 0, bytes: () => this.bytes() }];
  }

  /** The items of the sequences from `sequence` on: of those below `end`, as many as a batch has. */
  moveTo(sequence: number, end: number): this {
    const { memory, stride, perSequence } = this;
    this.sequence = sequence;
    this.runs = this.segments[0].runs = Math.min(this.most, end - sequence);
    const at = Item.layout.sequence.offset >> 2;
    for (let run = 0, item = 0; run < this.runs; run++)
      for (let i = 0; i < perSequence; i++, item++) memory.u32[at + item * stride] = sequence + run;
    return this;
  }

  get length(): number {
    return this.runs * this.perSequence;
  }

  bytes(): Uint8Array {
    return this.memory.u8.subarray(0, this.length * Item.size);
  }

  runSequence(run: number): number {
    return this.sequence + run;
  }

  runBegin(run: number): number {
    return run * this.perSequence;
  }

  runEnd(run: number): number {
    return (run + 1) * this.perSequence;
  }

  runEnds(_run: number): boolean {
    return true;
  }
}
