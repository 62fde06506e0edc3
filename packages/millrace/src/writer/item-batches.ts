/** The kinds of batches: how items of a codec are read out of lanes. */
import {
  type ArrayName,
  arrayOf,
  type Codec,
  type FixedCodec,
  readOnlyView,
  type VariableCodec,
  type View,
} from '@millrace/codec';
import type { LaneConsumer } from 'native-free-rings';
import { framed, ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import type { SegmentArray } from '../thread/segment-array.ts';
import { LaneBatch } from './lane-batch.ts';
import type { LaneSegment, LaneView } from './lane-segment.ts';

class FixedBatch<Item> extends LaneBatch<Item> {
  private readonly codec: FixedCodec<Item, never>;
  private readonly size: number;
  private readonly rowViews: (View<Item> | undefined)[];
  private view: View<Item> | undefined;
  /** Offset of item 0 of the batch, were it in this segment. */
  private base = 0;

  constructor(views: readonly LaneView[], codec: FixedCodec<Item, never>) {
    super(views);
    this.codec = codec;
    this.size = codec.size;
    this.rowViews = views.map(() => undefined);
  }

  at(index: number): Item {
    if ((index | 0) !== index || index < this.low || index >= this.high) this.seek(index);
    return this.view!.moveTo(this.base + index * this.size);
  }

  copy(index: number): Item {
    if (index < this.low || index >= this.high) this.seek(index);
    return this.codec.read(this.segment.view.consumer.memory, this.base + index * this.size);
  }

  bytesAt(index: number): Uint8Array {
    if ((index | 0) !== index || index < this.low || index >= this.high) this.seek(index);
    const offset = this.base + index * this.size;
    return this.segment.view.consumer.memory.u8.subarray(offset, offset + this.size);
  }

  protected override bytesOf(_segment: LaneSegment, count: number): number {
    return count * this.size;
  }

  protected override moved({ view, offset, firstItem }: LaneSegment): void {
    this.base = offset - firstItem * this.size;
    this.view = this.rowViews[view.lane] ??= readOnlyView(this.codec, view.consumer.memory);
  }
}

/** Items that are numbers of one typed array: an index into it in place of an offset and a view. */
class NumberBatch extends LaneBatch<number | bigint> {
  private numbers: SegmentArray | undefined;
  private readonly shift: number;
  /** Index in the array of item 0 of the batch, were it in this segment. */
  private base = 0;

  constructor(views: readonly LaneView[]) {
    super(views);
    this.shift = views[0]!.shift;
  }

  at(index: number): number | bigint {
    if ((index | 0) !== index || index < this.low || index >= this.high) this.seek(index);
    return this.numbers![this.base + index]!;
  }

  copy(index: number): number | bigint {
    return this.at(index);
  }

  bytesAt(index: number): Uint8Array {
    if ((index | 0) !== index || index < this.low || index >= this.high) this.seek(index);
    const offset = (this.base + index) << this.shift;
    return this.segment.view.consumer.memory.u8.subarray(offset, offset + (1 << this.shift));
  }

  protected override bytesOf(_segment: LaneSegment, count: number): number {
    return count << this.shift;
  }

  protected override moved({ view, offset, firstItem }: LaneSegment): void {
    this.numbers = view.items;
    this.base = (offset >> this.shift) - firstItem;
  }
}

class VariableBatch<Item> extends LaneBatch<Item> {
  private readonly codec: VariableCodec<Item, never>;
  /** Where the walk over the items of the segment stands, so that reading them in order does not begin anew for each. */
  private walked = 0;
  private offset = 0;

  constructor(views: readonly LaneView[], codec: VariableCodec<Item, never>) {
    super(views);
    this.codec = codec;
  }

  at(index: number): Item {
    const bytes = this.walkTo(index);
    return this.codec.read(this.segment.view.consumer.memory, this.offset + ITEM_HEADER_BYTES, bytes);
  }

  copy(index: number): Item {
    return this.at(index);
  }

  bytesAt(index: number): Uint8Array {
    const bytes = this.walkTo(index);
    const begin = this.offset + ITEM_HEADER_BYTES;
    return this.segment.view.consumer.memory.u8.subarray(begin, begin + bytes);
  }

  protected override bytesOf({ view, offset }: LaneSegment, count: number): number {
    const { i32 } = view.consumer.memory;
    let at = offset;
    for (let i = 0; i < count; i++) at += framed(i32[at >> 2]!);
    return at - offset;
  }

  protected override moved(segment: LaneSegment): void {
    this.walked = segment.firstItem;
    this.offset = segment.offset;
  }

  /** Moves to item `index`, and returns its bytes. */
  private walkTo(index: number): number {
    if ((index | 0) !== index || index < this.low || index >= this.high) this.seek(index);
    else if (index < this.walked) this.moved(this.segment);
    const { i32 } = this.segment.view.consumer.memory;
    for (; this.walked < index; this.walked++) this.offset += framed(i32[this.offset >> 2]!);
    return i32[this.offset >> 2]!;
  }
}

/** What items of `codec` are read with in each of the lanes. */
export function laneViews(lanes: readonly LaneConsumer[], codec: Codec<unknown, never>): LaneView[] {
  const array: ArrayName | undefined = arrayOf(codec);
  return lanes.map((consumer, lane) => {
    const items = array === undefined ? undefined : consumer.memory[array];
    return { consumer, lane, items, shift: items === undefined ? 0 : Math.log2(items.BYTES_PER_ELEMENT) };
  });
}

export function laneBatch(views: readonly LaneView[], codec: Codec<unknown, never>): LaneBatch {
  if (codec.kind === 'variable') return new VariableBatch(views, codec);
  return views[0]!.items === undefined ? new FixedBatch(views, codec) : new NumberBatch(views);
}
