/**
 * A store in shared memory that outlives the writer's threads, as a database would. What was noted is there, together with
 * the items in front of it; what was appended since is not.
 *
 *   two slots of four 64-bit floats: sequence, items of it, bytes, all items   ·   which slot counts (i32)   ·   the bytes
 */
import { ITEMS, type ItemKind, MOST_ITEM_BYTES } from '../items.ts';

const SLOTS = 8;
const SELECTED_BYTE = 64;
const BYTES_AT = 128;

export class Store {
  readonly buffer: SharedArrayBuffer;
  /** Where the next batch begins. */
  sequence = 0;
  items = 0;
  private length = 0;
  private total = 0;
  private readonly slots: Float64Array;
  private readonly selected: Int32Array;
  private readonly bytes: Buffer;
  private readonly write: (into: Buffer, at: number, item: unknown) => number;

  constructor(buffer: SharedArrayBuffer, kind: ItemKind) {
    this.buffer = buffer;
    this.slots = new Float64Array(buffer, 0, SLOTS);
    this.selected = new Int32Array(buffer, SELECTED_BYTE, 1);
    this.bytes = Buffer.from(buffer, BYTES_AT);
    this.write = ITEMS[kind].write;
    this.load();
  }

  /** A store for so many bytes. */
  static make(bytes: number, kind: ItemKind, startAt: number): Store {
    const store = new Store(new SharedArrayBuffer(BYTES_AT + bytes + MOST_ITEM_BYTES), kind);
    store.note(startAt, 0);
    return store;
  }

  append(item: unknown): void {
    if (this.length + MOST_ITEM_BYTES > this.bytes.length)
      throw new RangeError('the store gets more items than there are');
    this.length = this.write(this.bytes, this.length, item);
    this.total++;
  }

  /** In one instruction: everything below `sequence`, and `items` of it, is there. */
  note(sequence: number, items: number): void {
    const free = 1 - Atomics.load(this.selected, 0);
    this.slots.set([sequence, items, this.length, this.total], 4 * free);
    Atomics.store(this.selected, 0, free);
    this.sequence = sequence;
    this.items = items;
  }

  /** What is noted, with the number of all items. */
  load(): { readonly bytes: Buffer; readonly items: number } {
    const at = 4 * Atomics.load(this.selected, 0);
    this.sequence = this.slots[at];
    this.items = this.slots[at + 1];
    this.length = this.slots[at + 2];
    this.total = this.slots[at + 3];
    return { bytes: this.bytes.subarray(0, this.length), items: this.total };
  }
}
