import { type Codec, codecFromSchema, readOnlyView, type Schema, type View } from '@millrace/codec';
import { type EventRingHandle, EventRingReader, type PlaceOwner } from 'native-free-rings';
import { ItemIterator, ViewIterator } from '../writer/item-iterator.ts';

/**
 * A run of items of a destination ring, in order. Valid until the next one is asked for. Iterating and `toArray` give items
 * that stand alone and stay; where a struct need not stay, `at` and `views` read it in place, which makes no object.
 */
export interface ItemBatch<Item> extends Iterable<Item> {
  /** Position of the first item in the ring: the number of items before it. */
  readonly first: number;
  readonly length: number;
  /** Item `index` of the batch, from 0. Of a struct codec: a read-only view, one object always the same, that the next call moves on. */
  at(index: number): Item;
  /** All items in order, each as `at` gives it: of a struct codec the moving view. For hot loops; keep none of them. */
  views(): IterableIterator<Item>;
  /** Copies of all items. */
  toArray(): Item[];
}

/** Reads a destination ring in batches, whichever way its thread waits. */
export class RingBatches<Item> implements ItemBatch<Item> {
  readonly reader: EventRingReader;
  first: number;
  length = 0;
  private readonly codec: Codec<Item, never>;
  private readonly view: View<Item> | undefined;
  private readonly most: number;

  /** Batches of at most `most` items, so that memory is given back in time. */
  constructor(handle: EventRingHandle, items: Schema, most?: number, owner: PlaceOwner = {}) {
    this.reader = new EventRingReader(handle, owner);
    this.codec = codecFromSchema(items) as Codec<Item, never>;
    this.view = this.codec.kind === 'fixed' ? readOnlyView(this.codec, this.reader.memory) : undefined;
    this.most = most ?? Math.max(1, this.reader.capacity >> 2);
    this.first = this.reader.peekNext();
  }

  /** Releases the current batch and moves to the next. False when there is nothing to read now. */
  next(): boolean {
    this.first += this.length;
    this.length = 0;
    this.reader.release(this.first);
    this.length = Math.min(this.reader.loadEnd() - this.first, this.most);
    return this.length > 0;
  }

  /** True once no item will follow the current batch. */
  isAtEnd(): boolean {
    return this.reader.isClosedAt(this.first + this.length);
  }

  at(index: number): Item {
    if (index < 0 || index >= this.length) throw new RangeError(`item ${index} of a batch of ${this.length}`);
    const sequence = this.first + index;
    return this.view === undefined ? this.copy(index) : this.view.moveTo(this.reader.records.offsetOf(sequence));
  }

  copy(index: number): Item {
    const { records, memory } = this.reader;
    const offset = records.offsetOf(this.first + index);
    const { codec } = this;
    return codec.kind === 'fixed'
      ? codec.read(memory, offset)
      : codec.read(memory, offset, records.lengthOf(this.first + index));
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
