import { ITEMS, type ItemKind, type Items, MOST_ITEM_BYTES } from './items.ts';
import { compute, eventOf, itemsOf, type Work } from './work.ts';

/** What a destination got, written down item after item. */
export class Transcript {
  /** Items, and bytes that they take. */
  items = 0;
  length = 0;
  private bytes: Buffer = Buffer.alloc(64 * 1024);
  private readonly kind: Items;

  constructor(kind: ItemKind) {
    this.kind = ITEMS[kind];
  }

  append(item: unknown): void {
    if (this.length + MOST_ITEM_BYTES > this.bytes.length)
      this.bytes = Buffer.concat([this.bytes], 2 * this.bytes.length);
    this.length = this.kind.write(this.bytes, this.length, item);
    this.items++;
  }

  clear(): void {
    this.items = 0;
    this.length = 0;
  }

  view(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}

/** What the destination of a flow has to hold, computed by one loop. */
export class Oracle {
  readonly transcript: Transcript;
  private readonly first: number;
  private readonly work: Work;
  private readonly kind: ItemKind;
  /** Bytes and items in front of each sequence. */
  private readonly begins: { readonly bytes: number; readonly items: number }[] = [];

  constructor(work: Work, kind: ItemKind, first: number, sequences: number) {
    this.work = work;
    this.kind = kind;
    this.first = first;
    this.transcript = new Transcript(kind);
    for (let i = 0; i < sequences; i++) {
      this.begins.push({ bytes: this.transcript.length, items: this.transcript.items });
      this.write(this.transcript, first + i, Number.POSITIVE_INFINITY);
    }
    this.begins.push({ bytes: this.transcript.length, items: this.transcript.items });
  }

  /** The beginning that ends in front of item `items` of `sequence`. */
  below(sequence: number, items: number): { readonly bytes: Buffer; readonly items: number } {
    const begin = this.begins[sequence - this.first]!;
    const some = new Transcript(this.kind);
    if (items > 0) this.write(some, sequence, items);
    return { bytes: this.transcript.view().subarray(0, begin.bytes + some.length), items: begin.items + some.items };
  }

  /** Says where the first difference is; undefined where there is none. */
  difference(got: Buffer, wanted: Buffer = this.transcript.view()): string | undefined {
    if (got.equals(wanted)) return undefined;
    let at = 0;
    while (at < got.length && at < wanted.length && got[at] === wanted[at]) at++;
    const next = this.begins.findIndex(({ bytes }) => bytes > at);
    const sequence = this.first + (next < 0 ? this.begins.length - 1 : next - 1);
    return `${got.length} bytes in place of ${wanted.length}, different from byte ${at} on, which is of sequence ${sequence} (it begins at byte ${this.begins[sequence - this.first]!.bytes})`;
  }

  private write(into: Transcript, sequence: number, most: number): void {
    const event = eventOf(this.work, sequence);
    const count = Math.min(itemsOf(this.work, event), most);
    if (count === 0) return;
    const computed = compute(this.work, event);
    const { make } = ITEMS[this.kind];
    for (let index = 0; index < count; index++) into.append(make(sequence, computed, index));
  }
}
