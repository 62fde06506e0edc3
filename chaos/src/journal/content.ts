/** Compares what a journal gives, batch by batch, with what has to be there. */
import type { Place, Records } from './records.ts';

/** As much of a batch of `@millrace/journal` as is compared. */
export interface ReadBatch {
  readonly sequence: number;
  readonly first: number;
  readonly length: number;
  readonly last: boolean;
  readonly end: Place;
  at(index: number): unknown;
  sequenceAt(index: number): number;
  readonly runs: number;
  runSequence(run: number): number;
  runBegin(run: number): number;
  runEnd(run: number): number;
  runFirst(run: number): number;
  runEnds(run: number): boolean;
}

/** Records of one writer, back to back: the first and the last of them. */
export interface Run {
  readonly writer: number;
  readonly from: Place;
  readonly last: Place;
}

export class ContentCheck {
  /** What is wrong first; undefined where nothing is. */
  fault: string | undefined;
  items = 0;
  readonly runs: Run[] = [];
  private readonly records: Records;
  private readonly writers: readonly number[];
  private at: Place;

  constructor(records: Records, writers: readonly number[], from: Place) {
    this.records = records;
    this.writers = writers;
    this.at = records.next(from);
  }

  take(batch: ReadBatch): void {
    this.fault ??= this.batchFault(batch);
  }

  takeItem(item: unknown): void {
    this.fault ??= this.itemFault(item);
  }

  /** After the last batch: it has to be where the journal says that it ends. */
  finish(position: Place): void {
    this.fault ??= this.endFault(position);
  }

  private batchFault(batch: ReadBatch): string | undefined {
    if (batch.length === 0) return 'a batch without items';
    const { sequence, items } = this.at;
    if (batch.first !== items || batch.sequence !== sequence) {
      return `a batch that begins at item ${batch.first} of ${batch.sequence}, not at item ${items} of ${sequence}`;
    }
    let item = 0;
    for (let run = 0; run < batch.runs; run++) {
      const fault = this.runFault(batch, run, item);
      if (fault !== undefined) return fault;
      item = batch.runEnd(run);
    }
    if (item !== batch.length) return `a batch of ${batch.length} items whose runs have ${item}`;
    const isLast = this.at.items === 0;
    if (batch.last !== isLast) return `a batch that says last: ${batch.last}, in front of ${show(this.at)}`;
    if (show(this.records.next(batch.end)) === show(this.at)) return undefined;
    return `a batch that says that it ends at ${show(batch.end)}, in front of ${show(this.at)}`;
  }

  private runFault(batch: ReadBatch, run: number, item: number): string | undefined {
    const { sequence, items } = this.at;
    if (batch.runBegin(run) !== item)
      return `run ${run} of a batch that begins at ${batch.runBegin(run)}, not at ${item}`;
    if (batch.runFirst(run) !== items || batch.runSequence(run) !== sequence) {
      return `a run that begins at item ${batch.runFirst(run)} of ${batch.runSequence(run)}, not at item ${items} of ${sequence}`;
    }
    for (let i = item; i < batch.runEnd(run); i++) {
      const told = batch.sequenceAt(i);
      if (told !== this.at.sequence)
        return `an item of sequence ${told} in place of item ${this.at.items} of ${this.at.sequence}`;
      const fault = this.itemFault(batch.at(i));
      if (fault !== undefined) return fault;
    }
    const ends = this.at.items === 0;
    return batch.runEnds(run) === ends ? undefined : `a run that says ends: ${!ends}, in front of ${show(this.at)}`;
  }

  private itemFault(item: unknown): string | undefined {
    const { sequence, items } = this.at;
    const before = this.runs.at(-1);
    const likely = before === undefined ? [] : [before.writer];
    const writer = [...likely, ...this.writers].find((one) =>
      this.records.isEqual(item, this.records.make(one, sequence, items)),
    );
    if (writer === undefined) return `item ${items} of sequence ${sequence} is another one`;
    const place = this.at;
    this.at = this.records.next({ sequence, items: items + 1 });
    this.items++;
    if (writer === before?.writer) this.runs[this.runs.length - 1] = { ...before, last: place };
    else this.runs.push({ writer, from: place, last: place });
    return undefined;
  }

  private endFault(position: Place): string | undefined {
    const count = this.records.itemsOf(position.sequence);
    if (position.items > 0 && position.items >= count) {
      return `the position is ${show(position)}, and that sequence has ${count} items`;
    }
    if (show(this.records.next(position)) === show(this.at)) return undefined;
    return `the last item that is read is in front of ${show(this.at)}, and the position is ${show(position)}`;
  }
}

export const show = ({ sequence, items }: Place): string => `${sequence}:${items}`;
