import type { WriterNote } from '../thread/checkpoints.ts';
import type { Progress } from './definition.ts';
import type { LaneBatch } from './lane-batch.ts';
import type { Reading } from './reading.ts';

/** How far the destination has come, and up to where of each lane and of the ticket log that is. */
export class Place implements Progress {
  /** Everything below is delivered, and `items` items of it. */
  sequence: number;
  items: number;
  /** Which item of `sequence` comes next in its lane, from its position on; below 0: see WriterNote. */
  laneItems: number;
  /** The lane that was read last, -1 for none. */
  lane: number;
  /** By lane: everything in front of this record is done with. */
  readonly positions: Int32Array;
  /** All of the tickets before this one is done with. */
  tickets: number;

  constructor({ sequence, items, laneItems, lane }: WriterNote, positions: readonly number[], tickets: number) {
    this.sequence = sequence;
    this.items = items;
    this.laneItems = laneItems;
    this.lane = lane;
    this.positions = Int32Array.from(positions);
    this.tickets = tickets;
  }

  copyFrom(other: Place): void {
    this.sequence = other.sequence;
    this.items = other.items;
    this.laneItems = other.laneItems;
    this.lane = other.lane;
    this.positions.set(other.positions);
    this.tickets = other.tickets;
  }

  /** The destination has all of the batch. */
  delivered(batch: LaneBatch): void {
    for (const { view, to } of batch.pieces) this.positions[view.lane] = to;
    this.extended(batch);
  }

  /** The same where it had all but the last segment. */
  extended({ pieces, endSequence, endItems, rest }: LaneBatch): void {
    const { view, to } = pieces.at(-1)!;
    this.positions[view.lane] = to;
    this.lane = view.lane;
    this.sequence = endSequence;
    this.items = endItems;
    this.laneItems = endItems - rest;
  }

  /** The destination has the first `count` items of the batch, which are not all: the batch has the rest after it. */
  deliveredInPart(batch: LaneBatch, count: number): void {
    for (const { view, to, firstItem, count: items } of batch.pieces) {
      if (firstItem + items > count) break;
      this.positions[view.lane] = to;
    }
    batch.skip(count);
    const { view, from, skipped } = batch.pieces[0]!;
    this.positions[view.lane] = from;
    this.lane = view.lane;
    this.sequence = batch.sequence;
    this.items = batch.first;
    this.laneItems = batch.first - skipped;
  }

  /** Records up to `position` of `lane` had nothing to hand over. */
  passed({ sequence, items, laneItems }: Reading, lane: number, position: number): void {
    this.sequence = sequence;
    this.items = items;
    this.laneItems = laneItems;
    this.lane = lane;
    this.positions[lane] = position;
  }
}
