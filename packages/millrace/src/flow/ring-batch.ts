import { type Codec, codecFromSchema, readOnlyView, type Schema, type View } from '@millrace/codec';
import { type EventRingHandle, EventRingReader, type PlaceOwner } from 'native-free-rings';
import { ItemOrigins, type OriginsHandle } from '../thread/item-origins.ts';
import type { BatchRuns } from '../writer/batch.ts';
import { ItemIterator, Views } from '../writer/item-iterator.ts';

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
  /**
   * All items in order, each as `at` gives it: of a struct codec the moving view. For hot loops; keep none of them. An iterator
   * that has ended is the next call's: keep none of those either.
   */
  views(): IterableIterator<Item>;
  /** Copies of all items. */
  toArray(): Item[];
}

/**
 * The same of a ring that keeps sequences, `toRing({ sequences: true })`. Runs are found when they are first asked for, by a look at
 * each item; `sequenceAt` looks at one.
 */
export type SequencedBatch<Item> = ItemBatch<Item> & BatchRuns;

/** What a reader needs of a destination ring. */
export interface ReadableRing {
  readonly ring: EventRingHandle;
  readonly items: Schema;
  /** Undefined: it keeps no sequences. */
  readonly origins: OriginsHandle | undefined;
}

/** Reads a destination ring in batches, whichever way its thread waits. */
export class RingBatches<Item> implements ItemBatch<Item> {
  readonly reader: EventRingReader;
  first: number;
  length = 0;
  private readonly codec: Codec<Item, never>;
  private readonly view: View<Item> | undefined;
  private readonly most: number;
  private readonly viewsOf: Views<Item> = new Views<Item>(this);

  /** Batches of at most `most` items, so that memory is given back in time. */
  constructor({ ring, items }: ReadableRing, most?: number, owner: PlaceOwner = {}) {
    this.reader = new EventRingReader(ring, owner);
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
    this.expectItem(index);
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

  protected expectItem(index: number): void {
    if ((index | 0) === index && index >= 0 && index < this.length) return;
    throw new RangeError(`item ${String(index)} of a batch of ${this.length}`);
  }

  views(): IterableIterator<Item> {
    return this.viewsOf.begin();
  }

  [Symbol.iterator](): Iterator<Item> {
    return new ItemIterator(this);
  }
}

const FEW_RUNS = 64;

/** The same, of a ring that keeps sequences. */
class SequencedBatches<Item> extends RingBatches<Item> implements SequencedBatch<Item> {
  private readonly origins: ItemOrigins;
  /** By run: index of its first item; and behind them the number of items. */
  private begins: Int32Array = new Int32Array(FEW_RUNS);
  /** Runs of this batch; 0 until somebody asks. */
  private found = 0;

  constructor(ring: ReadableRing, origins: OriginsHandle, most?: number, owner?: PlaceOwner) {
    super(ring, most, owner);
    this.origins = new ItemOrigins(origins);
  }

  override next(): boolean {
    this.found = 0;
    return super.next();
  }

  get runs(): number {
    if (this.found === 0 && this.length > 0) this.find();
    return this.found;
  }

  runSequence(run: number): number {
    return this.origins.sequenceOf(this.first + this.runBegin(run));
  }

  runBegin(run: number): number {
    this.expectRun(run);
    return this.begins[run]!;
  }

  runEnd(run: number): number {
    this.expectRun(run);
    return this.begins[run + 1]!;
  }

  runFirst(run: number): number {
    return this.origins.indexOf(this.first + this.runBegin(run));
  }

  runEnds(run: number): boolean {
    const end = this.runEnd(run);
    return end < this.length || this.origins.isLast(this.first + end - 1);
  }

  sequenceAt(index: number): number {
    this.expectItem(index);
    return this.origins.sequenceOf(this.first + index);
  }

  private expectRun(run: number): void {
    const { runs } = this;
    if (Number.isInteger(run) && run >= 0 && run < runs) return;
    throw new RangeError(`run ${run} of the runs of a batch of ${runs}: give an index from 0 to ${runs - 1}`);
  }

  private find(): void {
    const { origins, first, length } = this;
    let runs = 0;
    let before = -1;
    for (let i = 0; i < length; i++) {
      const sequence = origins.sequenceOf(first + i);
      if (sequence === before) continue;
      before = sequence;
      if (runs + 1 === this.begins.length) this.grow();
      this.begins[runs++] = i;
    }
    this.begins[runs] = length;
    this.found = runs;
  }

  private grow(): void {
    const begins = new Int32Array(2 * this.begins.length);
    begins.set(this.begins);
    this.begins = begins;
  }
}

/** Reads a destination ring in batches of at most `most` items, with runs where it keeps sequences. */
export const readRing = <Item>(ring: ReadableRing, most?: number, owner?: PlaceOwner): RingBatches<Item> =>
  ring.origins === undefined
    ? new RingBatches(ring, most, owner)
    : new SequencedBatches(ring, ring.origins, most, owner);
