/** The kinds of output: how items of a codec are laid into a lane's records. */
import type { Codec, FixedCodec, VariableCodec } from '@millrace/codec';
import { MillraceError } from '../thread/errors.ts';
import { ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import { LaneOutput, type Outlet } from './lane-output.ts';

/** Where the next item goes while one is being written: behind any limit, so that a nested `emit` finds no room. */
const WRITING = 0x3fff_ffff;

/**
 * Items of one size. `limit` is the last offset at which one may begin. The codec of a struct runs getters of the user's, and
 * throws for what it cannot hold.
 */
class FixedOutput<Item> extends LaneOutput<Item> {
  private readonly codec: FixedCodec<unknown, Item>;
  private readonly size: number;
  private begin = 0;
  private at = 0;
  private limit = -1;

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

  protected recordBytes(): number {
    return this.at - this.begin;
  }

  protected recordItems(): number {
    return (this.at - this.begin) / this.size;
  }

  protected place(start: number, end: number): void {
    this.begin = start;
    this.at = start;
    this.limit = end - this.size;
  }
}

/**
 * Items of `i32`, the fastest there are: an index into one typed array in place of an offset and a codec.
 *
 * The class is made anew for a lane, so that the array and the words in which it keeps its place are constants to the
 * compiler, and the place is a machine word that `emit` loads, adds one to and stores: 3.0 ns an item where fields of an
 * object take 4.1, of which the workload's own is 1.3 (2026-11-28, Node 20.20, W1 at K = 0).
 *
 * Only for a thread that has one lane, ever: such classes share what the engine learns about their code, and after some
 * thousands of them on one thread, in the model checker, V8 11.3 compiled `emit` for seconds, and then without end.
 */
function int32Output(outlet: Outlet, codec: FixedCodec<unknown, number>): LaneOutput<number> {
  const { memory } = outlet.lane;
  const words = memory.i32;
  // More than 64 bytes: V8 keeps a small array's bytes in its heap, where they move.
  const place = new Int32Array(32);
  place[LIMIT] = -1;

  class Int32Output extends LaneOutput<number> {
    emit(item: number): void {
      let at = place[AT]!;
      if (at > place[LIMIT]!) {
        this.makeRoom(4);
        at = place[AT]!;
      }
      // What is no 32-bit integer is the codec's to refuse, with its own words (-0 passes and is stored as 0).
      if (!isInt32(item)) codec.write(memory, at << 2, item);
      words[at] = item;
      place[AT] = at + 1;
    }

    protected recordBytes(): number {
      return (place[AT]! - place[BEGIN]!) << 2;
    }

    protected recordItems(): number {
      return place[AT]! - place[BEGIN]!;
    }

    protected place(start: number, end: number): void {
      place[BEGIN] = start >> 2;
      place[AT] = start >> 2;
      place[LIMIT] = (end >> 2) - 1;
    }
  }

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

/** Words of the place in the record in work: where it begins, where the next item goes, and the last place for one. */
const BEGIN = 0;
const AT = 1;
const LIMIT = 2;

/** So often room is made for one item of varying length. */
const MOST_TRIES = 4;

/** Items of varying length: each is its length, then its bytes, then padding to a multiple of four. */
class VariableOutput<Item> extends LaneOutput<Item> {
  private readonly codec: VariableCodec<unknown, Item>;
  private begin = 0;
  private at = 0;
  private end = 0;
  private itemsInRecord = 0;
  private isWriting = false;

  constructor(outlet: Outlet, codec: VariableCodec<unknown, Item>) {
    super(outlet);
    this.codec = codec;
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
    this.at += ITEM_HEADER_BYTES + ((used + 3) & ~3);
    this.itemsInRecord++;
  }

  protected recordBytes(): number {
    return this.at - this.begin;
  }

  protected recordItems(): number {
    return this.itemsInRecord;
  }

  protected place(start: number, end: number): void {
    this.begin = start;
    this.at = start;
    this.end = end;
    this.itemsInRecord = 0;
  }

  /** Bytes that the item took. A getter may give more at each time it is read, so that room for it is looked for more than once. */
  private write(item: Item): number {
    let used = this.tryWrite(item);
    for (let tries = 0; used < 0; tries++) {
      const need = ITEM_HEADER_BYTES - used;
      if (need > this.lane.maxPayloadBytes) throw this.tooLarge(-used, ITEM_HEADER_BYTES);
      if (tries === MOST_TRIES) throw this.refusal('unsteady');
      this.makeRoom(need);
      used = this.tryWrite(item);
    }
    return used;
  }

  private tryWrite(item: Item): number {
    const at = this.at + ITEM_HEADER_BYTES;
    const room = this.end - at;
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

  protected recordBytes(): number {
    return 0;
  }

  protected recordItems(): number {
    return 0;
  }

  protected place(): void {}
}

/** The output for a processor's `output` codec. */
export function laneOutput(codec: Codec<unknown, unknown> | undefined, outlet: Outlet): LaneOutput<unknown> {
  if (codec === undefined) return new NoOutput(outlet) as unknown as LaneOutput<unknown>;
  if (codec.kind === 'variable') return new VariableOutput(outlet, codec);
  if (codec.schema.type === 'i32' && outlet.isOnly) {
    return int32Output(outlet, codec as FixedCodec<unknown, number>) as unknown as LaneOutput<unknown>;
  }
  return new FixedOutput(outlet, codec);
}
