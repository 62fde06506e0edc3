import { load, store, type Words } from '#atomics';
import { type OpenEventRing, PRODUCER_USED, producerLine } from './event-ring-descriptor.ts';

const FIRST_SIZE = 64;

/**
 * The data of one producer of a shared ring with records of varying length: a ring of bytes of its own. Positions wrap at 2^32.
 * Its records that are kept stand in a queue, which is the thread's own.
 */
export class OwnRegion {
  /** Bytes of the largest record: half the region, so that a record fits wherever the wrap falls, and no larger one anywhere. */
  readonly maxBytes: number;
  /** After `find`: end of the room that may be filled. */
  end = 0;

  private readonly words: Words;
  private readonly index: number;
  private readonly slots: number;
  private readonly bytes: number;
  /** Where the region begins in the memory of the ring. */
  private readonly base: number;
  /** Who had this place before wrote into the region, and readers may keep sequences below this one. */
  private readonly emptyFrom: number;
  private tail = 0;
  private sequences: Float64Array = new Float64Array(FIRST_SIZE);
  private positions: Int32Array = new Int32Array(FIRST_SIZE);
  /** Numbers of the oldest record in the queue, and of the next one. */
  private oldest = 0;
  private next = 0;

  /** `line`: of the producer's place; `claimed`: the next sequence to claim. */
  constructor(ring: OpenEventRing, line: number, claimed: number) {
    this.words = ring.words;
    this.index = ring.index;
    this.slots = ring.capacity;
    this.bytes = ring.dataBytes;
    this.maxBytes = ring.dataBytes >> 1;
    const first = producerLine(ring.readers, 0);
    this.base = ((line - first) / (producerLine(ring.readers, 1) - first)) * ring.dataBytes;
    this.emptyFrom = load(this.words, line + PRODUCER_USED) === 1 ? claimed : Number.NEGATIVE_INFINITY;
    store(this.words, line + PRODUCER_USED, 1);
  }

  /** Offset in the memory at which a record of `bytes` can begin while the records from `gate` on are kept; -1 when there is no room. */
  find(bytes: number, gate: number, _begin: number): number {
    const need = Math.max((bytes + 7) & ~7, 8);
    const free = this.freeFrom(gate);
    const at = this.tail & (this.bytes - 1);
    const toWrap = this.bytes - at;
    if (need <= toWrap) {
      if (free < need) return -1;
      this.end = this.base + at + Math.min(free, toWrap);
      return this.base + at;
    }
    if (free < need + toWrap) return -1;
    this.end = this.base + free - toWrap;
    return this.base;
  }

  /** Bytes that hold no record while the records from `gate` on are kept. */
  freeFrom(gate: number): number {
    if (gate < this.emptyFrom) return 0;
    let low = this.oldest;
    let high = this.next;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (this.sequences[this.slotOf(middle)]! >= gate) high = middle;
      else low = middle + 1;
    }
    return low === this.next ? this.bytes : this.bytes - ((this.tail - this.positions[this.slotOf(low)]!) | 0);
  }

  /** Takes `bytes` at an offset that `find` returned, for record `sequence`. Those below `gate` are not kept any more. */
  take(sequence: number, offset: number, bytes: number, gate: number): void {
    const at = this.tail & (this.bytes - 1);
    const inside = offset - this.base;
    const position = (this.tail + (inside >= at ? 0 : this.bytes - at)) | 0;
    this.tail = (position + Math.max((bytes + 7) & ~7, 8)) | 0;
    const entry = this.index + 2 * (sequence & (this.slots - 1));
    this.words[entry] = offset;
    this.words[entry + 1] = bytes;
    while (this.oldest < this.next && this.sequences[this.slotOf(this.oldest)]! < gate) this.oldest++;
    if (this.next - this.oldest === this.sequences.length) this.grow();
    this.sequences[this.slotOf(this.next)] = sequence;
    this.positions[this.slotOf(this.next)] = position;
    this.next++;
  }

  private slotOf(number: number): number {
    return number & (this.sequences.length - 1);
  }

  private grow(): void {
    const { sequences, positions, oldest } = this;
    const size = sequences.length;
    this.sequences = new Float64Array(2 * size);
    this.positions = new Int32Array(2 * size);
    for (let i = 0; i < size; i++) {
      const from = (oldest + i) & (size - 1);
      this.sequences[i] = sequences[from]!;
      this.positions[i] = positions[from]!;
    }
    this.oldest = 0;
    this.next = size;
  }
}
