import { LANE_ENTRY } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import type { ItemsBatch } from './batch.ts';
import { ItemIterator, Views } from './item-iterator.ts';
import { LaneSegment, type LaneView, type Mark } from './lane-segment.ts';
import { RunTable } from './run-table.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;
const { shift: SHIFT, sequence: SEQUENCE, size: SIZE, count: COUNT, flagMask } = LANE_ENTRY;

/** What a batch gets of a lane: see LaneSegment. */
export type Piece = Pick<
  LaneSegment,
  'from' | 'to' | 'skipped' | 'sequence' | 'first' | 'count' | 'offset' | 'size' | 'runs'
>;

export const newPiece = (): Piece => ({
  from: 0,
  to: 0,
  skipped: 0,
  sequence: 0,
  first: 0,
  count: 0,
  offset: 0,
  size: 0,
  runs: 0,
});

/** A batch that is filled anew for each `write`. What all kinds of items have in common. */
export abstract class LaneBatch<Item = unknown> implements ItemsBatch<Item> {
  // What is read is no field: to assign it is an error where that is done.
  private firstSequence = 0;
  private firstIndex = 0;
  private itemCount = 0;
  private byteCount = 0;
  private endsSequence = false;
  /** How far a destination has come that has all of the batch; and how many items it has of the record that comes next. */
  endSequence = 0;
  endItems = 0;
  rest = 0;
  /** The segments, as whoever fills the batch has them. */
  readonly pieces: LaneSegment[] = [];
  /** Who fills the batch puts the runs in before it adds what they are of. */
  readonly table: RunTable = new RunTable();

  protected readonly lanes: readonly LaneView[];
  /** The segment that item `low` is in, up to `high`. */
  protected segment: LaneSegment;
  protected low = 0;
  protected high = -1;
  private segmentAt = 0;
  private readonly spare: LaneSegment[] = [];
  /** The same for its user, whose the array is; made when somebody asks. */
  private shown: LaneSegment[] = [];
  private isShown = false;
  private readonly viewsOf: Views<Item> = new Views<Item>(this);

  constructor(views: readonly LaneView[]) {
    this.lanes = views;
    this.segment = this.makeSegment();
  }

  get sequence(): number {
    return this.firstSequence;
  }

  get first(): number {
    return this.firstIndex;
  }

  get length(): number {
    return this.itemCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  get last(): boolean {
    return this.endsSequence;
  }

  get segments(): readonly LaneSegment[] {
    if (!this.isShown) this.show();
    return this.shown;
  }

  private show(): void {
    if (!Object.isExtensible(this.shown)) this.shown = [];
    this.shown.length = 0;
    for (const piece of this.pieces) this.shown.push(piece);
    this.isShown = true;
  }

  abstract at(index: number): Item;
  /** The same, as a value that stands alone. `index` is right. */
  abstract copy(index: number): Item;
  abstract bytesAt(index: number): Uint8Array;
  /** Bytes of the first `count` items of a segment. */
  protected abstract bytesOf(segment: LaneSegment, count: number): number;

  clear(): void {
    this.table.clear();
    for (let i = this.pieces.length; i > 0; i--) this.spare.push(this.pieces.pop()!);
    this.isShown = false;
    this.itemCount = this.byteCount = this.rest = 0;
    this.high = -1;
  }

  /** Adds what follows in a lane; the table has its runs already. */
  add(lane: number, piece: Piece, endSequence: number, endItems: number, isLast: boolean): void {
    const segment = this.spare.pop() ?? this.makeSegment();
    segment.view = this.lanes[lane]!;
    segment.from = piece.from;
    segment.to = piece.to;
    segment.skipped = piece.skipped;
    segment.sequence = piece.sequence;
    segment.first = piece.first;
    segment.count = piece.count;
    segment.offset = piece.offset;
    segment.size = piece.size;
    segment.runs = piece.runs;
    segment.firstItem = this.itemCount;
    segment.firstRun = this.table.length - piece.runs;
    if (this.pieces.length === 0) {
      this.firstSequence = piece.sequence;
      this.firstIndex = piece.first;
    }
    this.pieces.push(segment);
    this.isShown = false;
    this.itemCount += piece.count;
    this.byteCount += piece.size;
    this.endsSequence = isLast;
    this.endSequence = endSequence;
    this.endItems = endItems;
    this.high = -1;
  }

  /** The same for one record, of which `before` items are left out. */
  addRest(lane: number, piece: Piece, before: number, endSequence: number, endItems: number, isLast: boolean): void {
    const { table, pieces } = this;
    const begin = this.itemCount;
    table.reserve(1);
    table.offsets[table.length] = begin === 0 ? 0 : piece.sequence - this.firstSequence;
    table.begins[table.length] = begin;
    table.length++;
    this.add(lane, piece, endSequence, endItems, isLast);
    if (before > 0) {
      const segment = pieces.at(-1)!;
      this.skipIn(segment, before);
      this.itemCount -= before;
      if (begin === 0) this.firstIndex = segment.first;
    }
    table.begins[table.length] = this.itemCount;
  }

  /** Leaves the first `count` items behind, fewer than there are. */
  skip(count: number): void {
    const { pieces } = this;
    this.isShown = false;
    let left = count;
    while (left > 0 && left >= pieces[0]!.count) {
      const done = pieces.shift()!;
      left -= done.count;
      this.byteCount -= done.size;
      this.spare.push(done);
    }
    const segment = pieces[0]!;
    if (left > 0) this.skipIn(segment, left);
    this.firstSequence = segment.sequence;
    this.firstIndex = segment.first;
    this.itemCount -= count;
    const gone = this.table.skip(count);
    for (const each of pieces) {
      each.firstItem = Math.max(each.firstItem - count, 0);
      each.runs += Math.min(each.firstRun - gone, 0);
      each.firstRun = Math.max(each.firstRun - gone, 0);
    }
    this.high = -1;
  }

  /**
   * Leaves out what follows the first `count` items, fewer than there are and not fewer than there were before the last `add`.
   * Returns where that begins.
   */
  cut(count: number): Mark {
    const { pieces, table } = this;
    this.isShown = false;
    const segment = pieces.at(-1)!;
    const mark = this.markOf(segment, count - segment.firstItem);
    this.byteCount -= segment.size;
    if (count === segment.firstItem) {
      table.length -= segment.runs;
      this.spare.push(pieces.pop()!);
    } else {
      table.cut(count);
      segment.size = this.bytesOf(segment, count - segment.firstItem);
      segment.count = count - segment.firstItem;
      segment.runs = table.length - segment.firstRun;
      segment.to = mark.from;
      this.byteCount += segment.size;
    }
    this.itemCount = count;
    this.endSequence = mark.sequence;
    this.endItems = mark.first;
    this.rest = mark.skipped;
    this.endsSequence = mark.first === 0;
    this.high = -1;
    return mark;
  }

  toArray(): Item[] {
    return Array.from({ length: this.itemCount }, (_, i) => this.copy(i));
  }

  views(): IterableIterator<Item> {
    return this.viewsOf.begin();
  }

  [Symbol.iterator](): Iterator<Item> {
    return new ItemIterator(this);
  }

  get runs(): number {
    return this.table.length;
  }

  runSequence(run: number): number {
    const { table } = this;
    if ((run | 0) !== run || run < 0 || run >= table.length) throw outside('run', run, table.length);
    return this.firstSequence + table.offsets[run]!;
  }

  runBegin(run: number): number {
    const { table } = this;
    if ((run | 0) !== run || run < 0 || run >= table.length) throw outside('run', run, table.length);
    return table.begins[run]!;
  }

  runEnd(run: number): number {
    const { table } = this;
    if ((run | 0) !== run || run < 0 || run >= table.length) throw outside('run', run, table.length);
    return table.begins[run + 1]!;
  }

  runFirst(run: number): number {
    const begin = this.runBegin(run);
    const { offsets, begins } = this.table;
    // A long sequence has several runs.
    let same = run;
    while (same > 0 && offsets[same - 1] === offsets[run]) same--;
    return begin - begins[same]! + (same === 0 ? this.firstIndex : 0);
  }

  runEnds(run: number): boolean {
    const { length, offsets } = this.table;
    this.runBegin(run);
    return run === length - 1 ? this.endsSequence : offsets[run + 1] !== offsets[run];
  }

  sequenceAt(index: number): number {
    if ((index | 0) !== index || index < 0 || index >= this.itemCount) throw outside('item', index, this.itemCount);
    return this.firstSequence + this.table.offsets[this.table.runOf(index)]!;
  }

  /** Makes `segment` the one that has item `index`, or throws where there is none. */
  protected seek(index: number): void {
    if ((index | 0) !== index || index < 0 || index >= this.itemCount) throw outside('item', index, this.itemCount);
    const { pieces } = this;
    // Mostly it is the one behind the last.
    let at = this.low <= index && this.high >= 0 ? this.segmentAt : 0;
    while (index >= pieces[at]!.firstItem + pieces[at]!.count) at++;
    const segment = pieces[at]!;
    this.segmentAt = at;
    this.segment = segment;
    this.low = segment.firstItem;
    this.high = segment.firstItem + segment.count;
    this.moved(segment);
  }

  /** Items are read of another segment. */
  protected moved(_segment: LaneSegment): void {}

  private makeSegment(): LaneSegment {
    return new LaneSegment(this.lanes[0]!);
  }

  private skipIn(segment: LaneSegment, count: number): void {
    const bytes = this.bytesOf(segment, count);
    segment.offset += bytes;
    segment.size -= bytes;
    segment.count -= count;
    this.byteCount -= bytes;
    const { from, sequence, first, skipped } = this.markOf(segment, count);
    segment.from = from;
    segment.sequence = sequence;
    segment.first = first;
    segment.skipped = skipped;
  }

  /** Where item `count` of the segment is, which it has. */
  private markOf(segment: LaneSegment, count: number): Mark {
    const { index, indexMask } = segment.view.consumer;
    let left = count;
    let { from, sequence, first, skipped } = segment;
    for (;;) {
      const entry = (from & indexMask) << SHIFT;
      const kind = index[entry + SIZE]! & flagMask;
      const ahead = (index[entry + SEQUENCE]! - (sequence | 0)) | 0;
      if (ahead !== 0) {
        sequence += ahead;
        first = 0;
      }
      if (kind <= LAST) {
        const has = index[entry + COUNT]! - skipped;
        if (left < has) break;
        left -= has;
        first += has;
        skipped = 0;
        if (kind === LAST) {
          sequence++;
          first = 0;
        }
      }
      from = (from + 1) | 0;
    }
    return { from, sequence, first: first + left, skipped: skipped + left };
  }
}

function outside(what: 'item' | 'run', index: number, length: number): RangeError {
  const of = what === 'item' ? 'a batch' : 'the runs of a batch';
  return new RangeError(`${what} ${String(index)} of ${of} of ${length}: give an index from 0 to ${length - 1}`);
}
