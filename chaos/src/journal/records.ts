/** What the journals hold. A record depends on its writer, its sequence, and its index alone, so that any process can tell what belongs where. */
import { bytes, type Codec } from 'millrace';
import { ITEM_KINDS, ITEMS, type ItemKind, MOST_ITEM_BYTES } from '../items.ts';
import { mix } from '../random.ts';
import { compute, eventOf, itemsOf, markOf, type Work } from '../work.ts';

export const RECORD_KINDS = [...ITEM_KINDS, 'large'] as const;
/** `large`: bytes, of a few to `mostBytes`. */
export type RecordKind = ItemKind | 'large';

export interface Content {
  readonly kind: RecordKind;
  readonly mostBytes: number;
  readonly work: Work;
}

/** Events of a journal of events: one record each. */
export const ONE_EACH = { rounds: 1, none: 0, one: 1_000, large: 0, largeItems: 1 } as const;

export interface Place {
  readonly sequence: number;
  readonly items: number;
}

/** Of one content: how records are made and compared. */
export class Records {
  readonly codec: Codec<unknown, unknown>;
  private readonly content: Content;
  private readonly some: Buffer = Buffer.alloc(2 * MOST_ITEM_BYTES);
  private readonly others: Buffer = Buffer.alloc(2 * MOST_ITEM_BYTES);

  constructor(content: Content) {
    this.content = content;
    this.codec = content.kind === 'large' ? (bytes() as Codec<unknown, unknown>) : ITEMS[content.kind].codec;
  }

  itemsOf(sequence: number): number {
    const { work } = this.content;
    return itemsOf(work, eventOf(work, sequence));
  }

  make(writer: number, sequence: number, index: number): unknown {
    const { kind, mostBytes, work } = this.content;
    const computed = mix(compute(work, eventOf(work, sequence)), writer);
    if (kind !== 'large') return ITEMS[kind].make(sequence, computed, index);
    const mark = markOf(computed, index);
    const record = Buffer.alloc(8 + (mark % mostBytes), mark & 255);
    record.writeUInt32LE(mark);
    record.writeUInt32LE(sequence % 2 ** 32, 4);
    return record;
  }

  isEqual(record: unknown, wanted: unknown): boolean {
    const { kind } = this.content;
    if (kind === 'large') return record instanceof Uint8Array && Buffer.compare(record, wanted as Buffer) === 0;
    try {
      const length = ITEMS[kind].write(this.some, 0, record);
      const wantedLength = ITEMS[kind].write(this.others, 0, wanted);
      return this.some.subarray(0, length).equals(this.others.subarray(0, wantedLength));
    } catch {
      // Of another shape, or longer than any record.
      return false;
    }
  }

  /** The place of the next item at or behind a place: sequences without items are passed over. */
  next(place: Place): Place {
    let { sequence, items } = place;
    for (; items >= this.itemsOf(sequence); sequence++) items = 0;
    return { sequence, items };
  }
}
