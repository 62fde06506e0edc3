/** The kinds of output: how items of a codec are laid into a lane's runs. */
import {
  type ArrayName,
  arrayOf,
  type Codec,
  type FieldCodec,
  type FixedCodec,
  type VariableCodec,
  type WritableView,
  writableView,
} from '@millrace/codec';
import { MillraceError } from '../thread/errors.ts';
import { framed, ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import type { SegmentArray } from '../thread/segment-array.ts';
import { checkedItems } from './checked-items.ts';
import { expectClaim, expectCommit } from './claims.ts';
import { int32Output } from './int32-output.ts';
import { LaneOutput, type Outlet } from './lane-output.ts';

/** Where the next item goes while one is being written: behind any limit, so that a nested `emit` finds no room. */
const WRITING = 0x3fff_ffff;

/**
 * Items of one size. `limit` is the last offset at which one may begin. The codec of a struct runs getters of the user's, and
 * throws for what it cannot hold.
 */
class FixedOutput<Item> extends LaneOutput<Item> {
  protected at = 0;
  protected limit = -1;
  protected readonly size: number;
  protected readonly codec: FixedCodec<unknown, Item>;
  private first = 0;

  constructor(outlet: Outlet, codec: FixedCodec<unknown, Item>) {
    super(outlet);
    this.codec = codec;
    this.size = codec.size;
    if (codec.size > this.lane.maxPayloadBytes) throw this.tooLarge(codec.size);
  }

  emit(item: Item): void {
    let { at } = this;
    if (at > this.limit) {
      if (at === WRITING) throw this.nested();
      this.makeRoom(this.size);
      at = this.at;
    }
    this.at = WRITING;
    try {
      this.codec.write(this.memory, at, item);
    } catch (error) {
      this.at = at;
      throw this.notWritten(error);
    }
    this.at = at + this.size;
  }

  protected runBytes(): number {
    return this.at - this.first;
  }

  protected runItems(): number {
    return (this.at - this.first) / this.size;
  }

  protected place(start: number, end: number, filled: number, _items: number): void {
    this.first = start;
    this.at = start + filled;
    this.limit = end - this.size;
  }
}

/** Items that are numbers of one typed array: they can also be written by a loop over that. */
class NumberOutput extends FixedOutput<number | bigint> {
  private readonly array: SegmentArray;
  private claimed = 0;
  private behind = 0;

  constructor(outlet: Outlet, codec: FixedCodec<unknown, number | bigint>, array: ArrayName) {
    super(outlet, codec);
    const items = outlet.lane.memory[array];
    this.array = outlet.isChecked
      ? checkedItems(items, codec as FieldCodec<unknown>, () => ({
          sequence: this.current,
          begin: this.begin,
          claimed: this.claimed,
        }))
      : items;
  }

  override get items(): SegmentArray {
    return this.array;
  }

  override get begin(): number {
    return this.at / this.size;
  }

  override claim(n: number): number {
    expectClaim(n, this.current);
    if (this.at > this.limit) this.makeRoom(this.size);
    const { at, size } = this;
    const room = Math.min(n, Math.floor((this.limit - at) / size) + 1);
    this.claimed = room;
    this.isLent = true;
    this.behind = this.limit;
    this.limit = -1;
    return room;
  }

  override commit(n: number): void {
    expectCommit(n, this.claimed, this.current);
    this.claimed = 0;
    this.isLent = false;
    this.at += n * this.size;
    this.limit = this.behind;
  }

  protected override openClaim(): number {
    return this.claimed;
  }

  protected override place(start: number, end: number, filled: number, items: number): void {
    this.claimed = 0;
    super.place(start, end, filled, items);
  }
}

/** Items of a struct: they can also be written field by field. */
class StructOutput extends FixedOutput<object> {
  private readonly item: WritableView<unknown>;
  /** What `moveTo` returns, always the same. */
  private lent: object | undefined;

  constructor(outlet: Outlet, codec: FixedCodec<unknown, object>) {
    super(outlet, codec);
    this.item = writableView(codec, outlet.lane.memory)!;
  }

  /** What `next` has handed out is no item from here on, though it may be given to be written once more. */
  override emit(item: object): void {
    if (this.isLent) this.emitBehindLoan(item);
    else super.emit(item);
  }

  override next(): object {
    let { at } = this;
    if (at > this.limit) {
      if (at === WRITING) throw this.nested();
      this.makeRoom(this.size);
      at = this.at;
    }
    const item = this.item.moveTo(at) as object;
    this.at = at + this.size;
    this.lent = item;
    this.isLent = true;
    return item;
  }

  private emitBehindLoan(item: object): void {
    const given = item === this.lent ? (this.codec.read(this.memory, this.at - this.size) as object) : item;
    this.endLoan();
    super.emit(given);
  }

  protected override takeBack(): void {
    this.item.park();
  }

  /** Where the item lies that `next` has handed out may be shown by now, or be another item's later. */
  protected override place(start: number, end: number, filled: number, items: number): void {
    if (this.isLent) this.takeBack();
    super.place(start, end, filled, items);
  }
}

/** So often room is made for one item of varying length. */
const MOST_TRIES = 4;

/** Items of varying length: each is its length, then its bytes, then padding to a multiple of four. */
class VariableOutput<Item> extends LaneOutput<Item> {
  private readonly codec: VariableCodec<unknown, Item>;
  private readonly most: number;
  private first = 0;
  private at = 0;
  private end = 0;
  private itemsInRun = 0;
  private isWriting = false;

  constructor(outlet: Outlet, codec: VariableCodec<unknown, Item>) {
    super(outlet);
    this.codec = codec;
    this.most = outlet.mostItemBytes ?? this.lane.maxPayloadBytes;
  }

  emit(item: Item): void {
    if (this.isWriting) throw this.nested();
    this.isWriting = true;
    let used: number;
    try {
      used = this.write(item);
    } catch (error) {
      throw this.notWritten(error);
    } finally {
      this.isWriting = false;
    }
    this.memory.i32[this.at >> 2] = used;
    this.at += framed(used);
    this.itemsInRun++;
  }

  protected runBytes(): number {
    return this.at - this.first;
  }

  protected runItems(): number {
    return this.itemsInRun;
  }

  protected place(start: number, end: number, filled: number, items: number): void {
    this.first = start;
    this.at = start + filled;
    this.end = end;
    this.itemsInRun = items;
  }

  /** Bytes that the item took. A getter may give more at each time it is read, so that room for it is looked for more than once. */
  private write(item: Item): number {
    let used = this.tryWrite(item);
    for (let tries = 0; used < 0; tries++) {
      const need = framed(-used);
      if (need > this.lane.maxPayloadBytes) throw this.tooLarge(-used, ITEM_HEADER_BYTES);
      if (tries === MOST_TRIES) throw this.refusal('unsteady');
      this.makeRoom(need);
      used = this.tryWrite(item);
    }
    if (used > this.most) throw this.tooLargeForRing(used, this.most);
    return used;
  }

  private tryWrite(item: Item): number {
    const at = this.at + ITEM_HEADER_BYTES;
    const room = (this.end - at) & ~3;
    if (room >= 0) return this.codec.write(this.memory, at, room, item);
    this.expectOpen();
    // Without room even for the length, the codec only says how much it needs; at least something.
    return Math.min(this.codec.write(this.memory, 0, 0, item), -1);
  }
}

/** A processor that has no `output` codec. */
class NoOutput extends LaneOutput<never> {
  emit(): void {
    throw new MillraceError('BAD_MODULE', 'emit in a processor without `output`: name the codec of its items', {
      sequence: this.current,
    });
  }

  protected runBytes(): number {
    return 0;
  }

  protected runItems(): number {
    return 0;
  }

  protected place(): void {}
}

/** The output for a processor's `output` codec. */
export function laneOutput(codec: Codec<unknown, unknown> | undefined, outlet: Outlet): LaneOutput<unknown> {
  if (codec === undefined) return new NoOutput(outlet) as unknown as LaneOutput<unknown>;
  if (codec.kind === 'variable') return new VariableOutput(outlet, codec);
  const array = arrayOf(codec);
  if (array === 'i32' && outlet.isOnly && !outlet.isChecked) {
    return int32Output(outlet, codec as FixedCodec<unknown, number>) as unknown as LaneOutput<unknown>;
  }
  if (array !== undefined)
    return new NumberOutput(outlet, codec as FixedCodec<unknown, number>, array) as unknown as LaneOutput<unknown>;
  if (codec.writableView !== undefined)
    return new StructOutput(outlet, codec as FixedCodec<unknown, object>) as unknown as LaneOutput<unknown>;
  return new FixedOutput(outlet, codec);
}
