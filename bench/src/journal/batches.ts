import { Memory } from 'native-free-rings';
import { Item, type JournalSetting } from './setting.ts';

/** A batch as a writer gets it: its items lie encoded in a lane. */
export interface LaneItems {
  sequence: number;
  readonly first: 0;
  readonly length: number;
  readonly last: true;
  readonly memory: Memory;
  readonly offset: 0;
  readonly bytes: number;
}

/** One batch that stands for all: `moveTo` writes the sequence into its items, which costs each contender the same. */
export class Batches {
  readonly batch: LaneItems;
  private readonly stride = Item.size >> 2;

  constructor({ perSequence }: JournalSetting) {
    const memory = new Memory(new SharedArrayBuffer(perSequence * Item.size));
    for (let index = 0; index < perSequence; index++) {
      Item.write(memory, index * Item.size, { sequence: 0, index, price: index / 3, at: 0.5 });
    }
    const bytes = perSequence * Item.size;
    this.batch = { sequence: 0, first: 0, length: perSequence, last: true, memory, offset: 0, bytes };
  }

  moveTo(sequence: number): LaneItems {
    const { batch, stride } = this;
    batch.sequence = sequence;
    const at = Item.layout.sequence.offset >> 2;
    for (let i = 0; i < batch.length; i++) batch.memory.u32[at + i * stride] = sequence;
    return batch;
  }
}
