import { LANE_ENTRY } from 'native-free-rings';
import { RECORD } from '../thread/lane-layout.ts';
import type { LaneSegment } from './lane-segment.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;
const { shift, sequence: SEQUENCE, size: SIZE, count: COUNT, flagMask } = LANE_ENTRY;
const FEW_RUNS = 64;

/** The runs of a batch, made when the user's code asks for the first of them. */
export class RunTable {
  length = 0;
  sequences: Float64Array = new Float64Array(FEW_RUNS);
  firsts: Float64Array = new Float64Array(FEW_RUNS);
  /** Index of each run's first item in the batch, and behind them the number of items. */
  begins: Int32Array = new Int32Array(FEW_RUNS + 1);
  ends: Uint8Array = new Uint8Array(FEW_RUNS);
  /** Where the last look-up by item ended. */
  private found = 0;

  make(segments: readonly LaneSegment[]): void {
    this.length = 0;
    this.found = 0;
    let item = 0;
    for (const segment of segments) {
      segment.firstRunIndex = this.length;
      item = this.add(segment, item);
      segment.runCount = this.length - segment.firstRunIndex;
    }
    this.begins[this.length] = item;
  }

  /** The run that has item `index`, which is one of the batch's. */
  runOf(index: number): number {
    const { begins, found } = this;
    if (begins[found]! <= index && index < begins[found + 1]!) return found;
    let low = 0;
    let high = this.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    this.found = low;
    return low;
  }

  private add({ view, from, to, skipped, sequence, first, count }: LaneSegment, firstItem: number): number {
    const { index, indexMask } = view.consumer;
    const most = this.length + ((to - from) | 0);
    while (most > this.sequences.length) this.grow();
    const { sequences, firsts, begins, ends } = this;
    let run = this.length;
    let item = firstItem;
    const end = firstItem + count;
    let number = sequence;
    let at = first;
    let behind = skipped;
    for (let record = from; item < end; record = (record + 1) | 0) {
      const entry = (record & indexMask) << shift;
      const kind = index[entry + SIZE]! & flagMask;
      const ahead = (index[entry + SEQUENCE]! - (number | 0)) | 0;
      if (ahead !== 0) {
        number += ahead;
        at = 0;
      }
      if (kind > LAST) continue;
      const has = index[entry + COUNT]! - behind;
      const items = has < end - item ? has : end - item;
      behind = 0;
      const isLast = kind === LAST && items === has;
      sequences[run] = number;
      firsts[run] = at;
      begins[run] = item;
      ends[run] = isLast ? 1 : 0;
      run++;
      item += items;
      at += items;
      if (isLast) {
        number++;
        at = 0;
      }
    }
    this.length = run;
    return item;
  }

  private grow(): void {
    const most = 2 * this.sequences.length;
    const larger = <A extends { set(from: A): void }>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    this.sequences = larger(this.sequences, new Float64Array(most));
    this.firsts = larger(this.firsts, new Float64Array(most));
    this.begins = larger(this.begins, new Int32Array(most + 1));
    this.ends = larger(this.ends, new Uint8Array(most));
  }
}
