/** The kinds of items: the codec, how one is made, and how it is written down byte by byte. */
import { bytes, type Codec, f64, i32, safeInt, struct, u32, value } from 'millrace';
import { markOf } from './work.ts';

export const ITEM_KINDS = ['i32', 'struct', 'value', 'bytes'] as const;
export type ItemKind = (typeof ITEM_KINDS)[number];

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

export const ITEMS: { readonly [Kind in ItemKind]: Items } = {
  i32: int as Items,
  struct: record_ as Items,
  value: note as Items,
  bytes: blob as Items,
};
