import type { Codec, Memory } from '@millrace/codec';
import { ItemReader } from '../format/chunk-reader.ts';
import type { ChunkPart, RunIndex } from '../format/run-index.ts';
import type { Progress } from '../progress.ts';
import type { JournalBatch } from './reader.ts';

/** The items of a part of a chunk, without the first `skip`, of which there are more. */
export class PartBatch<Item> implements JournalBatch<Item> {
  readonly sequence: number;
  readonly first: number;
  readonly length: number;
  readonly last: boolean;
  readonly end: Progress;
  readonly runs: number;
  private readonly index: RunIndex;
  private readonly reader: ItemReader<Item>;
  private readonly skip: number;
  /** Runs of which nothing is left. */
  private readonly gone: number;

  constructor(memory: Memory, codec: Codec<Item, never>, { index, first, last, offset }: ChunkPart, skip: number) {
    this.index = index;
    this.reader = new ItemReader(memory, codec, offset);
    this.skip = skip;
    this.gone = index.runOf(skip);
    this.sequence = index.sequenceOf(this.gone);
    this.first = skip - index.beginOf(this.gone) + (this.gone === 0 ? first : 0);
    this.length = index.items - skip;
    this.runs = index.runs - this.gone;
    this.last = last;
    const run = this.runs - 1;
    const sequence = this.runSequence(run);
    this.end = last
      ? { sequence: sequence + 1, items: 0 }
      : { sequence, items: this.runFirst(run) + this.runEnd(run) - this.runBegin(run) };
  }

  at(index: number): Item {
    this.expectIndex('item', index, this.length);
    return this.reader.read(this.skip + index);
  }

  toArray(): Item[] {
    return Array.from({ length: this.length }, (_, i) => this.reader.read(this.skip + i));
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let i = 0; i < this.length; i++) yield this.reader.read(this.skip + i);
  }

  sequenceAt(index: number): number {
    this.expectIndex('item', index, this.length);
    return this.index.sequenceOf(this.index.runOf(this.skip + index));
  }

  runSequence(run: number): number {
    this.expectIndex('run', run, this.runs);
    return this.index.sequenceOf(this.gone + run);
  }

  runBegin(run: number): number {
    this.expectIndex('run', run, this.runs);
    return run === 0 ? 0 : this.index.beginOf(this.gone + run) - this.skip;
  }

  runEnd(run: number): number {
    this.expectIndex('run', run, this.runs);
    return this.index.beginOf(this.gone + run + 1) - this.skip;
  }

  runFirst(run: number): number {
    this.expectIndex('run', run, this.runs);
    return run === 0 ? this.first : 0;
  }

  runEnds(run: number): boolean {
    this.expectIndex('run', run, this.runs);
    return run < this.runs - 1 || this.last;
  }

  private expectIndex(what: 'item' | 'run', index: number, length: number): void {
    if (Number.isInteger(index) && index >= 0 && index < length) return;
    const of = what === 'item' ? 'a batch' : 'the runs of a batch';
    throw new RangeError(`${what} ${index} of ${of} of ${length}: give an index from 0 to ${length - 1}`);
  }
}
