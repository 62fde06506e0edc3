import { type Codec, type FixedCodec, type Memory, readOnlyView, type VariableCodec, type View } from '@millrace/codec';
import { ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import { ItemIterator, ViewIterator } from './item-iterator.ts';

/**
 * A run of items of one sequence, contiguous in the lane. Valid until `write` returns, or until its promise resolves. Iterating
 * (`for (const item of batch)`, `[...batch]`) and `toArray` give items that stand alone and stay. Where a struct need not stay,
 * `at` and `views` read it in place, which makes no object.
 */
export interface Batch<Item> extends Iterable<Item> {
  /** The sequence whose items these are. */
  readonly sequence: number;
  /** Index of the first item within the sequence's output. */
  readonly first: number;
  /** Number of items, at least 1. */
  readonly length: number;
  /**
   * True when these are the last items of the sequence. (Never so where its processor swallowed an error that `emit` threw
   * between two batches: the next sequence, or an acknowledgement, then shows the end.)
   */
  readonly last: boolean;
  /**
   * Item `index` of the batch, from 0. Of a struct codec: a view, one object always the same, that the next call moves on. It is
   * read-only, since a batch that is refused is offered again.
   */
  at(index: number): Item;
  /** All items in order, each as `at` gives it: of a struct codec the moving view. For hot loops; keep none of them. */
  views(): IterableIterator<Item>;
  /** Copies of all items. */
  toArray(): Item[];
  /**
   * The items as bytes, for a store that keeps them as they are: `bytes` bytes from `offset` on in `memory`, which is to be read
   * only. Items of a fixed size stand one behind the other. Before each item of varying length stands its length, an int32; each
   * of those stands at a multiple of 4. The codec reads them again (`codec.read`).
   */
  readonly memory: Memory;
  readonly offset: number;
  readonly bytes: number;
}

/** A batch that is moved from record to record. */
export interface LaneBatch<Item = unknown> extends Batch<Item> {
  sequence: number;
  first: number;
  length: number;
  last: boolean;
  offset: number;
  bytes: number;
  /** Leaves the first `count` items behind, fewer than there are. */
  skip(count: number): void;
}

function outside(index: number, length: number): RangeError {
  return new RangeError(`item ${index} of a batch of ${length}: give an index from 0 to ${length - 1}`);
}

/** Where the batch stands, set from record to record, and what all kinds of items have in common. */
abstract class RecordBatch<Item> implements LaneBatch<Item> {
  sequence = 0;
  first = 0;
  length = 0;
  last = false;
  offset = 0;
  bytes = 0;
  readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  abstract at(index: number): Item;
  /** The same, as a value that stands alone. `index` is right. */
  abstract copy(index: number): Item;
  /** Bytes of the first `count` items. */
  protected abstract bytesOf(count: number): number;

  skip(count: number): void {
    const bytes = this.bytesOf(count);
    this.first += count;
    this.length -= count;
    this.offset += bytes;
    this.bytes -= bytes;
  }

  toArray(): Item[] {
    return Array.from({ length: this.length }, (_, i) => this.copy(i));
  }

  views(): IterableIterator<Item> {
    return new ViewIterator(this);
  }

  [Symbol.iterator](): Iterator<Item> {
    return new ItemIterator(this);
  }
}

class FixedBatch<Item> extends RecordBatch<Item> {
  private readonly codec: FixedCodec<Item, never>;
  private readonly size: number;
  private readonly view: View<Item>;

  constructor(memory: Memory, codec: FixedCodec<Item, never>) {
    super(memory);
    this.codec = codec;
    this.size = codec.size;
    this.view = readOnlyView(codec, memory);
  }

  at(index: number): Item {
    if ((index | 0) !== index || index < 0 || index >= this.length) throw outside(index, this.length);
    return this.view.moveTo(this.offset + index * this.size);
  }

  copy(index: number): Item {
    return this.codec.read(this.memory, this.offset + index * this.size);
  }

  protected override bytesOf(count: number): number {
    return count * this.size;
  }
}

/** Items that are numbers of one typed array: an index into it in place of an offset and a view. */
class NumberBatch extends RecordBatch<number> {
  private readonly numbers: NumberArray;
  private readonly shift: number;

  constructor(memory: Memory, numbers: NumberArray) {
    super(memory);
    this.numbers = numbers;
    this.shift = Math.log2(numbers.BYTES_PER_ELEMENT);
  }

  at(index: number): number {
    if ((index | 0) !== index || index < 0 || index >= this.length) throw outside(index, this.length);
    return this.numbers[(this.offset >> this.shift) + index];
  }

  copy(index: number): number {
    return this.at(index);
  }

  protected override bytesOf(count: number): number {
    return count << this.shift;
  }
}

class VariableBatch<Item> extends RecordBatch<Item> {
  private readonly codec: VariableCodec<Item, never>;
  /** Where the walk over the items stands, so that reading them in order does not begin anew for each. */
  private walkOffset = -1;
  private walkSequence = -1;
  private walkFirst = -1;
  private walkIndex = 0;
  private walkAt = 0;

  constructor(memory: Memory, codec: VariableCodec<Item, never>) {
    super(memory);
    this.codec = codec;
  }

  at(index: number): Item {
    if ((index | 0) !== index || index < 0 || index >= this.length) throw outside(index, this.length);
    if (index < this.walkIndex || !this.isWalking()) this.startWalk();
    const { i32 } = this.memory;
    for (; this.walkIndex < index; this.walkIndex++) {
      this.walkAt += ITEM_HEADER_BYTES + ((i32[this.walkAt >> 2]! + 3) & ~3);
    }
    return this.codec.read(this.memory, this.walkAt + ITEM_HEADER_BYTES, i32[this.walkAt >> 2]!);
  }

  copy(index: number): Item {
    return this.at(index);
  }

  protected override bytesOf(count: number): number {
    const { i32 } = this.memory;
    let at = this.offset;
    for (let i = 0; i < count; i++) at += ITEM_HEADER_BYTES + ((i32[at >> 2]! + 3) & ~3);
    return at - this.offset;
  }

  private isWalking(): boolean {
    return this.walkOffset === this.offset && this.walkSequence === this.sequence && this.walkFirst === this.first;
  }

  private startWalk(): void {
    this.walkOffset = this.offset;
    this.walkSequence = this.sequence;
    this.walkFirst = this.first;
    this.walkIndex = 0;
    this.walkAt = this.offset;
  }
}

type NumberArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export function laneBatch(memory: Memory, codec: Codec<unknown, never>): LaneBatch {
  if (codec.kind === 'variable') return new VariableBatch(memory, codec);
  switch (codec.schema.type) {
    case 'i8':
    case 'u8':
    case 'i16':
    case 'u16':
    case 'i32':
    case 'u32':
    case 'f32':
    case 'f64':
      return new NumberBatch(memory, memory[codec.schema.type]);
    default:
      return new FixedBatch(memory, codec);
  }
}
