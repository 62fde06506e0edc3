import type { LaneConsumer } from 'native-free-rings';
import type { SegmentArray } from '../thread/segment-array.ts';
import type { Segment } from './batch.ts';

/** What the items of a lane are read with. One for each lane. */
export interface LaneView {
  readonly consumer: LaneConsumer;
  /** Which lane it is: the index of its processor. */
  readonly lane: number;
  /** Of a codec of numbers: the array over the lane, and the shift from an offset in bytes to an index in it. */
  readonly items: SegmentArray | undefined;
  readonly shift: number;
}

/** A place in a lane and in its sequences, in front of an item. */
export interface Mark {
  /** The record that has the item, and how many of that record's items come before it. */
  from: number;
  skipped: number;
  /** The item's sequence, and its index within that. */
  sequence: number;
  first: number;
}

/** The runs from record `from` up to `to` of a lane, whose items lie back to back; marks may stand between them. */
export class LaneSegment implements Segment, Mark {
  view: LaneView;
  from = 0;
  to = 0;
  /** So many items of record `from` are left behind already. */
  skipped = 0;
  /** Sequence and index within it of the first item. */
  sequence = 0;
  first = 0;
  /** The items, and where they lie in the lane's memory. */
  count = 0;
  offset = 0;
  size = 0;
  firstItem = 0;
  firstRun = 0;
  runs = 0;

  constructor(view: LaneView) {
    this.view = view;
  }

  get items(): SegmentArray | undefined {
    return this.view.items;
  }

  get begin(): number {
    return this.view.items === undefined ? this.firstItem : this.offset >> this.view.shift;
  }

  get end(): number {
    return this.begin + this.count;
  }

  bytes({ copy = false }: { readonly copy?: boolean } = {}): Uint8Array {
    const { u8 } = this.view.consumer.memory;
    return copy ? u8.slice(this.offset, this.offset + this.size) : u8.subarray(this.offset, this.offset + this.size);
  }
}
