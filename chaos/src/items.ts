/** The kinds of items: the codec, how one is made, and how it is written down byte by byte. */
import { bool, bytes, type Codec, f64, i32, i64, safeInt, struct, text, u8, u32, value } from 'millrace';
import { markOf } from './work.ts';

export const ITEM_KINDS = ['i32', 'struct', 'value', 'bytes'] as const;
/** With those that are written in other ways than `emit` alone. */
export const ALL_ITEM_KINDS = [...ITEM_KINDS, 'u8', 'f64', 'i64', 'row'] as const;
export type ItemKind = (typeof ALL_ITEM_KINDS)[number];

/** Kinds whose items are numbers of one typed array, and kinds that are structs. */
export const NUMBER_KINDS: readonly ItemKind[] = ['i32', 'u8', 'f64', 'i64'];
export const STRUCT_KINDS: readonly ItemKind[] = ['struct', 'row'];

export interface Items<Item = unknown> {
  readonly codec: Codec<Item, Item>;
  /** Item `index` of an event that computed `computed`. */
  make(sequence: number, computed: number, index: number): Item;
  /** Writes an item, all that it holds; returns where it ends. There has to be room. */
  write(into: Buffer, at: number, item: Item): number;
}

const record = struct({ sequence: safeInt, index: u32, mark: u32, ratio: f64 });

interface Note {
  readonly sequence: number;
  readonly index: number;
  readonly text: string;
  readonly list: readonly (number | null | boolean)[];
}

/** An item that is written down takes at most so many bytes. */
export const MOST_ITEM_BYTES = 512;

const int: Items<number> = {
  codec: i32,
  make: (_, computed, index) => markOf(computed, index) | 0,
  write: (into, at, item) => into.writeInt32LE(item, at),
};

const record_: Items<{ sequence: number; index: number; mark: number; ratio: number }> = {
  codec: record,
  make: (sequence, computed, index) => {
    const mark = markOf(computed, index);
    return { sequence, index, mark, ratio: mark / 7 };
  },
  write(into, at, { sequence, index, mark, ratio }) {
    into.writeDoubleLE(sequence, at);
    into.writeUInt32LE(index, at + 8);
    into.writeUInt32LE(mark, at + 12);
    return into.writeDoubleLE(ratio, at + 16);
  },
};

const note: Items<Note> = {
  codec: value<Note>(),
  make: (sequence, computed, index) => {
    const mark = markOf(computed, index);
    return { sequence, index, text: 'ä-'.repeat(mark % 17), list: [mark, mark / 3, null, mark % 2 === 0] };
  },
  write(into, at, item) {
    const length = into.write(JSON.stringify(item), at + 4);
    return into.writeUInt32LE(length, at) + length;
  },
};

const blob: Items<Uint8Array> = {
  codec: bytes() as Codec<Uint8Array, Uint8Array>,
  make: (_, computed, index) => {
    const mark = markOf(computed, index);
    const item = new Uint8Array(mark % 91);
    for (let i = 0; i < item.length; i++) item[i] = mark >>> ((i & 3) * 8);
    return item;
  },
  write(into, at, item) {
    into.set(item, at + 4);
    return into.writeUInt32LE(item.length, at) + item.length;
  },
};

const byte: Items<number> = {
  codec: u8,
  make: (_, computed, index) => markOf(computed, index) & 0xff,
  write: (into, at, item) => into.writeUInt8(item, at),
};

const float: Items<number> = {
  codec: f64,
  make: (_, computed, index) => markOf(computed, index) / 7,
  write: (into, at, item) => into.writeDoubleLE(item, at),
};

const long: Items<bigint> = {
  codec: i64,
  make: (_, computed, index) => BigInt(markOf(computed, index)) * -0x4000_0003n,
  write: (into, at, item) => into.writeBigInt64LE(item, at),
};

/** Many of its fields are often zero: those need not be assigned. */
const row: Items<{ sequence: number; label: string; few: number; flag: boolean; long: bigint }> = {
  codec: struct({ sequence: safeInt, label: text(11), few: u8, flag: bool, long: i64 }),
  make: (sequence, computed, index) => {
    const mark = markOf(computed, index);
    const label = 'ß€a'.repeat(mark & 1).slice(0, mark % 4);
    return { sequence, label, few: mark & 3, flag: (mark & 4) === 0, long: BigInt(mark & 0x18) << 30n };
  },
  write(into, at, item) {
    into.writeDoubleLE(item.sequence, at);
    into.writeUInt8(item.few | (item.flag ? 4 : 0), at + 8);
    into.writeBigInt64LE(item.long, at + 9);
    const length = into.write(item.label, at + 18);
    return into.writeUInt8(length, at + 17) + length;
  },
};

export const ITEMS: { readonly [Kind in ItemKind]: Items } = {
  i32: int as Items,
  struct: record_ as Items,
  value: note as Items,
  bytes: blob as Items,
  u8: byte as Items,
  f64: float as Items,
  i64: long as Items,
  row: row as Items,
};
