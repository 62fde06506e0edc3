/** The output for items of `i32`, the fastest there is: an index into one typed array in place of an offset and a codec. */
import type { FixedCodec } from '@millrace/codec';
import type { Words } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import { expectClaim, expectCommit } from './claims.ts';
import { LaneOutput, type Outlet } from './lane-output.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;

/** A variable as a machine word: the array's only element. */
type Cell = Int32Array;

/** The place of the next item while there is none, because a claim is open: behind any limit. */
const CLAIMED = 0x3fff_ffff;
/** The last place while there is no room: in front of any place. */
const NO_ROOM = -2;
/** End of the open claim while there is none: in front of any place. */
const NO_CLAIM = -1;

/** An output of a thread that has one lane, ever. */
export function int32Output(outlet: Outlet, codec: FixedCodec<unknown, number>): LaneOutput<number> {
  const cells = new ArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT);
  const cell = (index: number): Cell => new Int32Array(cells, index * Int32Array.BYTES_PER_ELEMENT, 1);
  return outputOver(outlet.lane.memory.i32, cell(0), cell(1), cell(2), cell(3), cell(4), outlet, codec);
}

/**
 * The class is made anew for a lane, so that the array and the cells in which it keeps its place are constants to the compiler,
 * and the place is a machine word that `emit` loads, adds one to and stores: hot path rule 4. They are parameters, which are
 * never without a value, and what is called for each event is short, since only so much code is compiled into the loop over the
 * events: hot path rule 8.
 *
 * All are indices of items: `first` is where the run in work begins, `at` where the next item goes, `limit` the last place for
 * one, and `claim` and `claimEnd` where the open claim begins and ends.
 */
function outputOver(
  words: Words,
  first: Cell,
  at: Cell,
  limit: Cell,
  claim: Cell,
  claimEnd: Cell,
  outlet: Outlet,
  codec: FixedCodec<unknown, number>,
): LaneOutput<number> {
  class Int32Output extends LaneOutput<number> {
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
      first[0] = start >> 2;
      at[0] = (start + filled) >> 2;
      limit[0] = (end >> 2) - 1;
      claimEnd[0] = NO_CLAIM;
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
      if (claimEnd[0] !== NO_CLAIM) this.endLoan();
      const end = at[0];
      const items = end - first[0];
      this.tally(items << 2, items);
      this.covered = this.current + 1;
      const start = this.lane.commitAndClaim(items << 2, this.current | 0, items, LAST);
      this.start = start;
      const limitBytes = Math.min(this.lane.claimEnd, start + this.batchBytes);
      // Below 0 there is no room, as `place` has it. Without a branch of its own: see `fill` of all outputs.
      first[0] = at[0] = start >> 2;
      limit[0] = start < 0 ? NO_ROOM : (limitBytes >> 2) - 1;
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
