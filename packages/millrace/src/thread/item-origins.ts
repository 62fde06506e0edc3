/**
 * Where the items of a destination ring come from, where it keeps that (`toRing({ sequences: true })`): beside the ring, slot for
 * slot (docs/decisions/0016).
 *
 *   line 0  header; parameter 0: slots of the ring, a power of two
 *   line 1… two 64-bit floats for each slot, of the item in it:
 *           its sequence
 *           its mark: twice its index in the output of its sequence, and 1 more where it is the last item of that
 *
 * Owner of a slot, as of the slot's bytes in the ring: the writer, from its claim on until the ring's end has passed it; then the
 * readers of the ring, until they have released it. Plain accesses, published by the end of the ring and by the readers' gates.
 * All slots start at 0. The successor of a writer begins at the ring's end, and fills in again what is behind it.
 */
import {
  createHandle,
  defineKind,
  expectBytes,
  type Handle,
  LINE_BYTES,
  openHandle,
  parameter,
} from 'native-free-rings';
import { viewF64 } from '#atomics';

const ORIGINS = defineKind('millrace.origins');
export type OriginsHandle = Handle<'millrace.origins'>;

const SLOT_BYTES = 16;
const MARK = 1;

const bytesFor = (slots: number): number => LINE_BYTES + slots * SLOT_BYTES;

/** Allocates the origins of a ring of `slots` slots, a power of two. */
export const createOrigins = (slots: number): OriginsHandle => createHandle(ORIGINS, bytesFor(slots), [slots]);

/** The origins of items, by their position in the ring. */
export class ItemOrigins {
  private readonly fields: Float64Array;
  private readonly mask: number;

  constructor(handle: OriginsHandle) {
    const words = openHandle(ORIGINS, handle);
    const slots = parameter(words, 0);
    expectBytes(ORIGINS, words, bytesFor(slots));
    this.fields = viewF64(handle.buffer, LINE_BYTES, (slots * SLOT_BYTES) / 8);
    this.mask = slots - 1;
  }

  /** Writer: `count` items of `sequence` from `position` on; the first of them has this index in its output. `isLast`: no more follow. */
  note(position: number, count: number, sequence: number, index: number, isLast: boolean): void {
    const { fields, mask } = this;
    let mark = 2 * index;
    for (let i = 0; i < count; i++, mark += 2) {
      const at = ((position + i) & mask) << 1;
      fields[at] = sequence;
      fields[at + MARK] = mark;
    }
    if (isLast && count > 0) fields[(((position + count - 1) & mask) << 1) + MARK] = mark - 1;
  }

  sequenceOf(position: number): number {
    return this.fields[(position & this.mask) << 1]!;
  }

  /** Index of the item in the output of its sequence. */
  indexOf(position: number): number {
    return Math.floor(this.fields[((position & this.mask) << 1) + MARK]! / 2);
  }

  /** True where it is known to be the last item of its sequence. */
  isLast(position: number): boolean {
    return this.fields[((position & this.mask) << 1) + MARK]! % 2 === 1;
  }
}
