/** The output for items of `i32`, the fastest there is: an index into one typed array in place of an offset and a codec. */
import type { FixedCodec } from '@millrace/codec';
import { LANE_ENTRY, type Words } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import { expectClaim, expectCommit } from './claims.ts';
import { LaneOutput, type Outlet } from './lane-output.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;
const { shift: ENTRY_SHIFT, sequence: SEQUENCE, begin: BEGIN, size: SIZE, count: COUNT, flagBits } = LANE_ENTRY;
const ENTRY_WORDS: number = 1 << ENTRY_SHIFT;
/** From a number of items to the size in an entry. */
const SIZE_SHIFT: number = 2 + flagBits;

/** A variable as a machine word: the array's only element. */
type Cell = Int32Array;

/** The place of the next item while there is none, because a claim is open: behind any limit. */
const CLAIMED = 0x3fff_ffff;
/** End of the open claim while there is none: in front of any place. */
const NO_CLAIM = -1;

/** An output of a thread that has one lane, ever. */
export function int32Output(outlet: Outlet, codec: FixedCodec<unknown, number>): LaneOutput<number> {
  const cells = new ArrayBuffer(9 * Int32Array.BYTES_PER_ELEMENT);
  const cell = (index: number): Cell => new Int32Array(cells, index * Int32Array.BYTES_PER_ELEMENT, 1);
  const { memory, index } = outlet.lane;
  return outputOver(
    memory.i32,
    index,
    cell(0),
    cell(1),
    cell(2),
    cell(3),
    cell(4),
    cell(5),
    cell(6),
    cell(7),
    cell(8),
    outlet,
    codec,
  );
}

/**
 * The class is made anew for a lane, so that the array and the cells in which it keeps its place are constants to the compiler,
 * and the place is a machine word that `emit` loads, adds one to and stores: hot path rule 4. They are parameters, which are
 * never without a value, and what is called for each event is short, since only so much code is compiled into the loop over the
 * events: hot path rule 8.
 *
 * Most are indices of items: `first` is where the run in work begins, `at` where the next item goes, `limit` the last place for
 * one, `roomEnd` where the lane's room ends, and `claim` and `claimEnd` where the open claim begins and ends. Runs that end in
 * that room get their entries in the lane's index here, from `entry` on up to `entryEnd`, where a record at place 0 would have
 * `base` as its begin; the lane hears of them in `settle` (hot path rule 5).
 */
function outputOver(
  words: Words,
  index: Words,
  first: Cell,
  at: Cell,
  limit: Cell,
  claim: Cell,
  claimEnd: Cell,
  roomEnd: Cell,
  entry: Cell,
  entryEnd: Cell,
  base: Cell,
  outlet: Outlet,
  codec: FixedCodec<unknown, number>,
): LaneOutput<number> {
  const batchItems = outlet.batchBytes >> 2;

  class Int32Output extends LaneOutput<number> {
    /** The first entry that the lane has not heard of. */
    private firstEntry = 0;

    override get items(): Words {
      return words;
    }

    override get begin(): number {
      return claim[0];
    }

    emit(item: number): void {
      if (at[0] > limit[0]) this.makeRoom(4);
      const place = at[0];
      // What is no 32-bit integer is the codec's to refuse, with its own words (-0 passes and is stored as 0).
      if (!isInt32(item)) codec.write(this.memory, place << 2, item);
      words[place] = item;
      at[0] = place + 1;
    }

    override claim(n: number): number {
      const begin = at[0];
      // A bigint cannot be added.
      if (typeof n !== 'number' || (n | 0) !== n || n < 1 || begin + n > limit[0] + 1) return this.claimPart(n);
      claim[0] = begin;
      claimEnd[0] = begin + n;
      at[0] = CLAIMED;
      return n;
    }

    override commit(n: number): void {
      if (typeof n !== 'number' || (n | 0) !== n || n < 0 || claim[0] + n > claimEnd[0]) this.refuseCommit(n);
      at[0] = claim[0] + n;
      claimEnd[0] = NO_CLAIM;
    }

    override finish(): void {
      if (at[0] !== first[0]) this.finishRun();
    }

    protected override openClaim(): number {
      return claimEnd[0] === NO_CLAIM ? 0 : claimEnd[0] - claim[0];
    }

    protected runBytes(): number {
      return (at[0] - first[0]) << 2;
    }

    protected runItems(): number {
      return at[0] - first[0];
    }

    protected place(start: number, end: number, filled: number): void {
      const { lane } = this;
      first[0] = start >> 2;
      at[0] = (start + filled) >> 2;
      limit[0] = (end >> 2) - 1;
      claimEnd[0] = NO_CLAIM;
      roomEnd[0] = start < 0 ? 0 : lane.claimEnd >> 2;
      this.firstEntry = entry[0] = lane.peekEntry();
      entryEnd[0] = entry[0];
      base[0] = lane.peekBegin() - start;
    }

    protected override settle(): void {
      const runs = (entry[0] - this.firstEntry) >> ENTRY_SHIFT;
      if (runs === 0) return;
      const bytes = (first[0] << 2) - this.start;
      this.tally(bytes, bytes >> 2, runs);
      this.start = this.lane.commitEntries(runs, bytes);
      this.firstEntry = entry[0];
    }

    /** Claims fewer than `n` items, or in another run, or says why not. */
    private claimPart(n: number): number {
      expectClaim(n, this.current);
      if (at[0] > limit[0]) this.makeRoom(4);
      return this.claim(Math.min(n, limit[0] - at[0] + 1));
    }

    private refuseCommit(n: number): void {
      expectCommit(n, this.openClaim(), this.current);
    }

    /** As `finish` of all outputs, in fewer steps: hot path rule 5. */
    private finishRun(): void {
      const end = at[0];
      const place = entry[0];
      if (end >= roomEnd[0] || place >= entryEnd[0] || claimEnd[0] !== NO_CLAIM) {
        this.finishApart();
        return;
      }
      const begin = first[0];
      index[place + SEQUENCE] = this.current;
      index[place + BEGIN] = base[0] + (begin << 2);
      index[place + SIZE] = ((end - begin) << SIZE_SHIFT) | LAST;
      index[place + COUNT] = end - begin;
      entry[0] = place + ENTRY_WORDS;
      first[0] = end;
      limit[0] = Math.min(roomEnd[0], end + batchItems) - 1;
      this.covered = this.current + 1;
    }

    /** The first run, or one that takes the last of the lane's room or of its entries, as far as is known. */
    private finishApart(): void {
      if (claimEnd[0] !== NO_CLAIM) this.endLoan();
      this.settle();
      const { lane } = this;
      const items = at[0] - first[0];
      this.tally(items << 2, items);
      this.covered = this.current + 1;
      const start = lane.commitAndClaim(items << 2, this.current | 0, items, LAST);
      this.start = start;
      this.place(start, start < 0 ? start : Math.min(lane.claimEnd, start + this.batchBytes), 0);
      if (start >= 0) entryEnd[0] = entry[0] + (lane.peekEntryRoom() << ENTRY_SHIFT);
    }
  }

  limit[0] = -1;
  claimEnd[0] = NO_CLAIM;
  return new Int32Output(outlet);
}

/** Nothing but the catch tells a bigint or a symbol, of which `|` throws: asking for the type would cost each item. */
function isInt32(item: number): boolean {
  try {
    return (item | 0) === item;
  } catch {
    return false;
  }
}
