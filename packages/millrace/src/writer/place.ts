import type { WriterNote } from '../thread/checkpoints.ts';
import type { Progress } from './definition.ts';
import type { LaneBatch } from './lane-batch.ts';

/** How far the destination has come, and up to where of each lane that is. What was read may be further: see Reading. */
export class Place implements Progress {
  /** Everything below is delivered, and `items` items of it. */
  sequence: number;
  items: number;
  /** Which item of `sequence` comes next in its lane, from its position on; below 0: see WriterNote. */
  laneItems: number;
  /** By lane: everything in front of this record is done with. */
  readonly positions: Int32Array;

  constructor({ sequence, items, laneItems }: Omit<WriterNote, 'lane'>, positions: readonly number[]) {
    this.sequence = sequence;
    this.items = items;
    this.laneItems = laneItems;
    this.positions = Int32Array.from(positions);
  }

  /** The destination has all of the batch. */
  delivered({ segments, endSequence, endItems }: LaneBatch): void {
    for (const { view, to } of segments) this.positions[view.lane] = to;
    this.sequence = endSequence;
    this.items = endItems;
    this.laneItems = endItems;
  }

  /** The destination has the first `count` items of the batch, which are not all. */
  deliveredInPart(batch: LaneBatch, count: number): void {
    for (const { view, to, firstItem, count: items } of batch.segments) {
      if (firstItem + items > count) break;
      this.positions[view.lane] = to;
    }
    batch.skip(count);
    const { view, from, skipped } = batch.segments[0]!;
    this.positions[view.lane] = from;
    this.sequence = batch.sequence;
    this.items = batch.first;
    this.laneItems = batch.first - skipped;
  }
}
